/**
 * An engine in memory, for tests of what is above the engine.
 *
 * ```ts
 * const clock = new ManualClock();
 * const network = new FakeNetwork({ clock });
 * const server = new FakeEngine({ network, onEvents });
 * const client = new FakeEngine({ network, host: '198.51.100.7', onEvents });
 * server.listen({ address: '[::]:443', … });
 * client.connect({ remoteAddress: '192.0.2.1:443', … });
 * await network.settle();                      // everything sent has arrived, all events are out
 * client.tun.inject(packet);                   // the client's kernel routes a packet into its TUN
 * await network.settle();
 * server.tun.take();                           // what the server's kernel got
 * network.kill('198.51.100.7');                // the client's process dies …
 * clock.advance(30_000);                       // … and the server notices
 * ```
 */
export { ManualClock, wallClock, type Clock, type Timer } from './clock.js';
export { FakeEngine, type FakeEngineOptions } from './engine.js';
export type { FakeSettings } from './listener.js';
export { FakeNetwork } from './network.js';
export { FakeTun, type TunFailure } from './tun.js';
