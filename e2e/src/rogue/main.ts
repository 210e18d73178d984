// A process inside a namespace that does with the engine whatever it is told; the other end of `rogueEngine.ts`.
import { offloads, openEngine, Snapshot } from '@masque-vpn/engine';
import type { EngineCall, RogueMessage } from './calls.js';

function say(message: RogueMessage): void {
  process.send?.(message);
}

// Arguments are the number of workers, and offloads to do without.
const without = offloads.filter((offload) => process.argv.includes(offload));
const workers = Number(process.argv[2]);
const opened = openEngine({ without, workers, onEvents: (events) => say({ events }) });
if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.message}`);
const engine = opened.value;

function totals(): Float64Array {
  const snapshot = new Snapshot();
  engine.snapshot(snapshot);
  return snapshot.totals;
}

process.on('message', ({ number, method, args }: EngineCall) => {
  if (method === 'totals') return say({ number, result: totals() });
  // The compiler cannot see that the arguments belong to the method; `EngineCall` says so.
  const call = engine[method].bind(engine) as (...all: readonly unknown[]) => unknown;
  say({ number, result: call(...args) });
});
process.on('disconnect', () => process.exit());
