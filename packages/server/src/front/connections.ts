import type { Socket } from 'node:net';
import type { Clock } from '../process/clock.js';
import { networkOf } from './networkOf.js';

/** Connections of everybody, and of one sender. */
const mostConnections = 512;
const mostOfSender = 16;
/** A connection without any traffic is closed, milliseconds. */
const idleMs = 15_000;
/** The longest any connection lives: an exchange takes a second. */
const lifetimeMs = 60_000;

/** The connections of the public TCP port, in number and time. */
export class Connections implements Disposable {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #open = new Set<Socket>();
  readonly #ofSender = new Map<string, number>();

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Takes a new connection in, or closes it at once. */
  admit(socket: Socket): void {
    const sender = networkOf(socket.remoteAddress ?? '');
    const ofSender = this.#ofSender.get(sender) ?? 0;
    // A handshake that fails has no listener of its own yet.
    socket.on('error', () => undefined);
    if (this.#open.size >= mostConnections || ofSender >= mostOfSender) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    this.#ofSender.set(sender, ofSender + 1);
    socket.setTimeout(idleMs, () => socket.destroy());
    const deadline = this.#clock.after(lifetimeMs, () => socket.destroy());
    socket.once('close', () => {
      deadline.cancel();
      this.#open.delete(socket);
      const left = (this.#ofSender.get(sender) ?? 1) - 1;
      if (left === 0) this.#ofSender.delete(sender);
      else this.#ofSender.set(sender, left);
    });
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Closes all of them. */
  [Symbol.dispose](): void {
    for (const socket of this.#open) socket.destroy();
  }
}
