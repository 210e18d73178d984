import type { ConnectionId, ConnectorOptions, Engine } from '@masque-vpn/engine';
import { fail } from '@masque-vpn/protocol';
import type { Clock } from '../clock.js';
import { type ClientFailure, failed, type Outcome } from '../failure.js';
import { engineFailure } from '../localFailure.js';
import { connectionFailure } from './connectionFailure.js';
import type { EventHub } from './eventHub.js';
import { EventQueue } from './eventQueue.js';

/** A QUIC connection whose handshake is done and whose server speaks extended CONNECT. Disposing closes it. */
export interface Connection extends Disposable {
  readonly id: ConnectionId;
  /** UDP address of the server. */
  readonly remoteAddress: string;
  /** Everything the engine reports about this connection from now on. */
  readonly events: EventQueue;
}

/** Whom to connect to, and how. */
export interface ConnectionTarget {
  /** Most promising first; at least one. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly options: Omit<ConnectorOptions, 'remoteAddress'>;
}

export interface ConnectionTools {
  readonly engine: Engine;
  readonly hub: EventHub;
  readonly clock: Clock;
}

/** Head start of an address before the next one is tried beside it, milliseconds (RFC 8305 §5). */
const headStartMs = 250;
/** Time for all addresses together, milliseconds. */
const handshakesMs = 10_000;

/** H3_NO_ERROR (RFC 9114 §8.1). */
const noError = 0x0100;

/**
 * Connects to the first address that answers, each later one with a head start for those before it; null when
 * `signal` aborted. Fails with what the most telling address said (see {@link connectionFailure}).
 */
export async function openConnection(
  tools: ConnectionTools,
  target: ConnectionTarget,
  signal: AbortSignal,
): Promise<Outcome<Connection> | null> {
  const race = new Race(tools, target);
  try {
    return await race.run(signal);
  } finally {
    race.closeLosers();
  }
}

class Race {
  readonly #events = new EventQueue();
  readonly #running = new Map<ConnectionId, { readonly address: string; readonly follow: Disposable }>();
  readonly #untried: string[];
  #failure: ClientFailure | null = null;
  readonly #tools: ConnectionTools;
  readonly #target: ConnectionTarget;

  constructor(tools: ConnectionTools, target: ConnectionTarget) {
    this.#tools = tools;
    this.#target = target;
    this.#untried = [...target.addresses];
  }

  async run(signal: AbortSignal): Promise<Outcome<Connection> | null> {
    const { clock } = this.#tools;
    const end = clock.monotonic() + handshakesMs;
    let headStartEnds = this.#startNext();
    for (;;) {
      if (this.#running.size === 0 && this.#untried.length === 0) return this.#lost();
      const deadline = this.#untried.length > 0 ? Math.min(end, headStartEnds) : end;
      const arrival = await this.#events.next(clock, deadline, signal);
      if (arrival.kind === 'aborted') return null;
      if (arrival.kind === 'deadline') {
        if (clock.monotonic() >= end) return this.#lost();
        headStartEnds = this.#startNext();
      } else if (arrival.event.type === 'connected') {
        return this.#won(arrival.event);
      } else if (arrival.event.type === 'connectionClosed') {
        this.#closed(arrival.event);
        if (this.#untried.length > 0) headStartEnds = this.#startNext();
      }
    }
  }

  /** Starts the next address; returns when the one after it may start, by the monotonic clock. */
  #startNext(): number {
    const { engine, hub, clock } = this.#tools;
    const { port, options } = this.#target;
    const address = this.#untried.shift();
    if (address === undefined) return clock.monotonic();
    const remoteAddress = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    const started = engine.connect({ ...options, remoteAddress });
    if (!started.ok) {
      this.#note(engineFailure(started.error));
      return clock.monotonic();
    }
    const { connectionId } = started.value;
    this.#running.set(connectionId, {
      address: remoteAddress,
      follow: hub.follow(connectionId, this.#events),
    });
    return clock.monotonic() + headStartMs;
  }

  #closed(event: Parameters<typeof connectionFailure>[0]): void {
    const address = this.#running.get(event.connectionId)?.address ?? '';
    this.#forget(event.connectionId);
    this.#note(connectionFailure(event, address));
  }

  /** An answer says more than silence, and the first answer comes from the most promising address. */
  #note(failure: ClientFailure): void {
    if (this.#failure === null || this.#failure.code === 'SERVER_UNREACHABLE') this.#failure = failure;
  }

  #lost(): Outcome<Connection> {
    if (this.#failure !== null) return fail(this.#failure);
    return failed(
      'SERVER_UNREACHABLE',
      `No answer on UDP port ${this.#target.port} of ${this.#target.addresses.join(', ')}. Is the server running, and does a firewall let UDP through?`,
      'soon',
    );
  }

  #won(event: {
    readonly connectionId: ConnectionId;
    readonly remoteAddress: string;
    readonly extendedConnect: boolean;
  }): Outcome<Connection> {
    const { engine } = this.#tools;
    const id = event.connectionId;
    const follow = this.#running.get(id)?.follow;
    this.#running.delete(id);
    const connection: Connection = {
      id,
      remoteAddress: event.remoteAddress,
      events: this.#events,
      [Symbol.dispose]: () => {
        follow?.[Symbol.dispose]();
        engine.closeConnection(id, noError, '');
      },
    };
    if (event.extendedConnect) return { ok: true, value: connection };
    connection[Symbol.dispose]();
    // CIP-109
    return failed(
      'SERVER_EXTENDED_CONNECT_MISSING',
      `${event.remoteAddress} speaks HTTP/3, but does not offer extended CONNECT: it is no MASQUE proxy.`,
    );
  }

  closeLosers(): void {
    for (const id of [...this.#running.keys()]) {
      this.#tools.engine.closeConnection(id, noError, '');
      this.#forget(id);
    }
  }

  #forget(id: ConnectionId): void {
    this.#running.get(id)?.follow[Symbol.dispose]();
    this.#running.delete(id);
  }
}
