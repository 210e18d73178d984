import type { ConnectionId, Engine, EngineEvent } from '@masque-vpn/engine';
import type { EventQueue } from './eventQueue.js';

/**
 * Hands the engine's one stream of events to those who follow a connection, in order.
 * What concerns no connection goes to all of them.
 */
export class EventHub {
  readonly #queues = new Map<ConnectionId, EventQueue>();
  readonly #tunListeners: (() => void)[] = [];
  #engine: Engine | null = null;

  /** The engine's callback. */
  readonly deliver = (events: readonly EngineEvent[]): void => {
    for (const event of events) this.#hand(event);
  };

  /** Gives the final rows back to `engine` of connections and sessions that end when nobody follows them. */
  attach(engine: Engine): void {
    this.#engine = engine;
  }

  /** Delivers the events of a connection into `queue` until the returned handle is disposed. */
  follow(connectionId: ConnectionId, queue: EventQueue): Disposable {
    this.#queues.set(connectionId, queue);
    return { [Symbol.dispose]: () => void this.#queues.delete(connectionId) };
  }

  /** Calls `listener` when the TUN fails, besides telling those who follow a connection. */
  onTunLost(listener: () => void): void {
    this.#tunListeners.push(listener);
  }

  #hand(event: EngineEvent): void {
    // A server's concern.
    if (event.type === 'flows') return;
    if (event.type === 'tunLost') {
      for (const listener of this.#tunListeners) listener();
      for (const queue of new Set(this.#queues.values())) queue.push(event);
      return;
    }
    const queue = this.#queues.get(event.connectionId);
    if (queue !== undefined) queue.push(event);
    else if (event.type === 'sessionClosed') this.#engine?.releaseSession(event.sessionId);
    else if (event.type === 'connectionClosed') this.#engine?.releaseConnection(event.connectionId);
  }
}
