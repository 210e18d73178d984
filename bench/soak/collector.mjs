// Loaded into the server's process of a soak (`node --import`), in each of its threads: at SIGUSR2 all of them collect
// their garbage and give its memory back, so that what the process's memory shows next is in use. `gc()` would keep it.
import { Session } from 'node:inspector';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const session = new Session();
session.connect();
const collect = () => session.post('HeapProfiler.collectGarbage');

const others = new BroadcastChannel('collect garbage');
others.onmessage = collect;
others.unref();

if (isMainThread) {
  process.on('SIGUSR2', () => {
    others.postMessage(null);
    collect();
  });
}
