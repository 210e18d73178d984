// node --import inside.mjs: a server that answers SIGUSR2 with a line of JSON about itself: how late its event loop was since the last one,
// and what a snapshot of the engine costs now.
import { PerformanceObserver, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { openEngine } from '@masque-vpn/engine';

const snapshots = 5;
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const collections = { longestMs: 0 };
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries())
    collections.longestMs = Math.max(collections.longestMs, duration);
}).observe({ entryTypes: ['gc'] });

/** @type {number[]} */
const took = [];
const probe = openEngine({ onEvents: () => undefined });
if (!probe.ok) throw new Error(probe.error.message);
const engineClass = Object.getPrototypeOf(probe.value);
await probe.value.close();
const { snapshot } = engineClass;

/** @this {import('@masque-vpn/engine').Engine} @param {import('@masque-vpn/engine').Snapshot} into */
engineClass.snapshot = function (into) {
  const begun = performance.now();
  snapshot.call(this, into);
  took.push(performance.now() - begun);
  if (took.length > snapshots) took.shift();
};

process.on('SIGUSR2', () => {
  const ms = (/** @type {number} */ nanoseconds) => Math.round(nanoseconds / 1e4) / 100;
  console.log(
    JSON.stringify({
      loop: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), most: ms(delay.max) },
      longestCollectionMs: Math.round(collections.longestMs * 100) / 100,
      snapshotMs: took.map((value) => Math.round(value * 100) / 100),
      ...process.memoryUsage(),
    }),
  );
  delay.reset();
  collections.longestMs = 0;
});
