// One process that is scraped: `subject.mjs ours|prom-client CLIENTS`. Talks to its parent: each message `tick` moves
// every counter and starts a measurement, `report` answers with what happened since.
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Load } from './load.mjs';
import { ours } from './ours.mjs';
import { promClient } from './promClient.mjs';

const [, , name, clients] = process.argv;
const load = new Load(Number(clients));
const subject = name === 'ours' ? await ours(load) : await promClient(load);
// A tick is this long when nothing blocks; the longest one less this is the longest block.
const resolutionMs = 1;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
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
  if (message === 'tick') {
    load.round += 1;
    subject.tick();
    setTimeout(() => {
      begun.cpu = process.cpuUsage();
      delay.enable();
      delay.reset();
      process.send?.({ ready: true });
    }, 20);
  } else {
    delay.disable();
    const { user, system } = process.cpuUsage(begun.cpu);
    process.send?.({
      blockMs: Math.max(0, delay.max / 1e6 - resolutionMs),
      cpuSeconds: (user + system) / 1e6,
      // Kilobytes.
      peakBytes: process.resourceUsage().maxRSS * 1024,
    });
  }
});
