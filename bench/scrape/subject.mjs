// One process that is scraped: `subject.mjs ours|prom-client CLIENTS`. Talks to its parent: `tick` moves every counter
// and starts a measurement of CPU time, `watch` one of the event loop; `report` answers with what happened since.
import { createServer } from 'node:http';
import { Load } from './load.mjs';
import { LoopWatch } from './loopWatch.mjs';
import { ours } from './ours.mjs';
import { promClient } from './promClient.mjs';

const [, , name, clients] = process.argv;
const load = new Load(Number(clients));
const subject = name === 'ours' ? await ours(load) : await promClient(load);
const watch = new LoopWatch();
/** CPU time when the measurement began. */
const begun = { cpu: process.cpuUsage() };

const server = createServer((request, response) => {
  void subject.answer(/gzip/.test(request.headers['accept-encoding'] ?? ''), response);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0, rss: process.memoryUsage.rss() });
});

process.on('message', (message) => {
  if (message === 'report') {
    watch.stop();
    const { user, system } = process.cpuUsage(begun.cpu);
    process.send?.({
      ...watch.longest,
      cpuSeconds: (user + system) / 1e6,
      // Kilobytes.
      peakBytes: process.resourceUsage().maxRSS * 1024,
    });
    return;
  }
  load.round += 1;
  subject.tick();
  setTimeout(() => {
    if (message === 'watch') watch.start();
    begun.cpu = process.cpuUsage();
    process.send?.({ ready: true });
  }, 20);
});
