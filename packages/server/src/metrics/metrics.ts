import type { ConnectionCloseCause, ConnectionId, Engine, SessionId } from '@masque-vpn/engine';
import type { RefusalCode } from '../admission/refusal.js';
import type { Clock } from '../process/clock.js';
import { Accounting } from './accounting.js';
import type { ErrorType } from './contract.js';
import { EngineTotals } from './engineTotals.js';
import { connectionErrors, refusalErrors } from './errors.js';
import { Registry } from './registry.js';
import type { SessionTraffic } from './rows.js';

/** What is read at a scrape instead of being counted. */
export interface Gauges {
  ipv4Pool(): { readonly total: number; readonly used: number; readonly available: number };
  tunActive(): boolean;
}

export interface MetricsOptions {
  readonly engine: Pick<Engine, 'snapshot' | 'releaseSession' | 'releaseConnection'>;
  readonly gauges: Gauges;
  readonly clock: Clock;
  /** How long a client's series outlive its last session. */
  readonly retentionMs: number;
}

/** How long the end of a session may wait for others, so that many of them share one reading of the engine. */
const settleDelayMs = 50;

/** Feeds every metric of the contract: one method per event, and a reading of the engine and the gauges. */
export class Metrics {
  readonly registry = new Registry();
  readonly #options: MetricsOptions;
  readonly #accounting: Accounting;
  readonly #totals: EngineTotals;
  readonly #startedAt: number;
  readonly #openedAt = new Map<SessionId, { readonly clientId: string; readonly at: number }>();
  #settling = false;

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#accounting = new Accounting({ ...options, registry: this.registry });
    this.#totals = new EngineTotals(this.registry);
    this.#startedAt = options.clock.monotonic();
  }

  /** A request was answered with 200: the session counts from now on. */
  admitted(
    sessionId: SessionId,
    session: {
      readonly connectionId: ConnectionId;
      readonly clientId: string;
      readonly receivedAtMs: number;
    },
  ): void {
    this.#answered('success', session.receivedAtMs);
    this.#accounting.opened(sessionId, session.connectionId, session.clientId);
    this.#openedAt.set(sessionId, { clientId: session.clientId, at: this.#options.clock.monotonic() });
    this.registry.family('totalConnections').add(1);
    this.registry.family('activeConnections').set(this.#openedAt.size);
  }

  /** A request was answered with anything else. */
  refused(code: RefusalCode, receivedAtMs: number): void {
    this.#answered('failed', receivedAtMs);
    const type = refusalErrors[code];
    if (type !== null) this.error(type);
  }

  /** The peer took its request back before it was answered. */
  abandoned(receivedAtMs: number): void {
    this.#answered('failed', receivedAtMs);
  }

  /**
   * A session ended. One that was admitted leaves `active_connections` at once; `settled` is called a little
   * later, once, with its final counters.
   */
  ended(sessionId: SessionId, settled: (traffic: SessionTraffic) => void): void {
    const opened = this.#openedAt.get(sessionId);
    if (opened === undefined) {
      this.#accounting.refused(sessionId);
    } else {
      this.#openedAt.delete(sessionId);
      this.registry.family('activeConnections').set(this.#openedAt.size);
      const seconds = (this.#options.clock.monotonic() - opened.at) / 1000;
      const row = this.registry.clientRow(opened.clientId);
      this.registry.family('connectionDuration').observe(seconds, 0, row);
      this.#accounting.closed(sessionId, settled);
    }
    this.#settleSoon();
  }

  connectionEnded(connectionId: ConnectionId, cause: ConnectionCloseCause): void {
    if (connectionErrors.includes(cause)) this.error('connection');
    this.#accounting.connectionClosed(connectionId);
    this.#settleSoon();
  }

  error(type: ErrorType): void {
    const errors = this.registry.family('errors');
    errors.add(1, errors.cell(type));
  }

  /** Reads the engine and the gauges, settles what has ended. */
  read(): void {
    const { clock, gauges } = this.#options;
    const now = clock.monotonic();
    this.#accounting.read(now);
    this.#totals.read(this.#accounting.snapshot);
    const pool = gauges.ipv4Pool();
    this.registry.family('ipPoolTotal').set(pool.total);
    this.registry.family('ipPoolUsed').set(pool.used);
    this.registry.family('ipPoolAvailable').set(pool.available);
    this.registry.family('tunInterfaceStatus').set(gauges.tunActive() ? 1 : 0);
    this.registry.family('serverUptime').set((now - this.#startedAt) / 1000);
  }

  /** Counters of an open session at the last `read`. */
  trafficOf(sessionId: SessionId): SessionTraffic {
    return this.#accounting.trafficOf(sessionId);
  }

  /** How many connections, sessions and clients are remembered. */
  get size(): { readonly sessions: number; readonly connections: number; readonly clients: number } {
    return this.#accounting.size;
  }

  get activeConnections(): number {
    return this.#openedAt.size;
  }

  get totalConnections(): number {
    return this.registry.family('totalConnections').get();
  }

  #answered(status: 'success' | 'failed', receivedAtMs: number): void {
    const requests = this.registry.family('requests');
    requests.add(1, requests.cell('CONNECT', status));
    // Never negative, although the engine's clock and ours may step differently.
    const seconds = Math.max(0, this.#options.clock.now() - receivedAtMs) / 1000;
    this.registry.family('requestDuration').observe(seconds);
  }

  #settleSoon(): void {
    if (this.#settling) return;
    this.#settling = true;
    this.#options.clock.after(settleDelayMs, () => {
      this.#settling = false;
      if (this.#accounting.unsettled) this.read();
    });
  }
}
