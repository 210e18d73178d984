/**
 * The packet engine as TypeScript sees it.
 *
 * `openEngine` gives the real one (the native addon of `engine/node`); `@masque-vpn/engine/fake` one in
 * memory; both pass the suite in `contract/`. Everything that crosses the border is data: commands in,
 * batches of events out, counters in one snapshot. No inner packet is ever seen here.
 *
 * - `engine.ts`    the border: its commands, and with `endpoint.ts`, `forwarding.ts`, `rules.ts`, `events.ts` and
 *                  `failure.ts` all that goes in and comes out
 * - `snapshot.ts`  the columns of the counters
 * - `real.ts`      the facade of the native addon, whose surface is `native.ts`; `addon.ts` finds and loads it
 */
export * from './engine.js';
export { openEngine } from './real.js';
export * from './snapshot.js';
