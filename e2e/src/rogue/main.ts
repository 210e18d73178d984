// A process inside a namespace that does with the engine whatever it is told; the other end of `rogueEngine.ts`.
import { openEngine } from '@masque-vpn/engine';
import type { EngineCall, RogueMessage } from './calls.js';

function say(message: RogueMessage): void {
  process.send?.(message);
}

const opened = openEngine({ onEvents: (events) => say({ events }) });
if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.message}`);
const engine = opened.value;

process.on('message', ({ number, method, args }: EngineCall) => {
  // The compiler cannot see that the arguments belong to the method; `EngineCall` says so.
  const call = engine[method].bind(engine) as (...all: readonly unknown[]) => unknown;
  say({ number, result: call(...args) });
});
process.on('disconnect', () => process.exit());
