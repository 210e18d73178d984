import type {
  ConnectionCloseCause,
  ConnectionId,
  Engine,
  SessionCloseCause,
  SessionId,
} from '@masque-vpn/engine';
import type { RefusalCode } from '../admission/refusal.js';
import type { Clock } from '../process/clock.js';
import type { EndCause } from '../sessions/session.js';
import { Accounting } from './accounting.js';
import type { ErrorType } from './contract.js';
import { EngineTotals } from './engineTotals.js';
import { connectionErrors, refusalErrors } from './errors.js';
import { pathsIn, type PathQuality } from './paths.js';
import { readGauges, type Gauges } from './gauges.js';
import type { Registry } from './registry.js';
import type { SessionTraffic } from './rows.js';

export interface MetricsOptions {
  readonly registry: Registry;
  readonly engine: Pick<Engine, 'snapshot' | 'releaseSession' | 'releaseConnection'>;
  readonly gauges: Gauges;
  readonly clock: Clock;
  /** How long a client's series outlive its last session. */
  readonly retentionMs: number;
  /** false: all clients count under `_other`. */
  readonly perClient: boolean;
  /** Clients with series of their own; those beyond count under `_other`. */
  readonly clientCeiling: number;
}

/** How long the end of a session may wait for others, so that many of them share one reading of the engine. */
const settleDelayMs = 50;
/** How long sessions are settled at a time, milliseconds: when many end at once, others have a turn in between. */
const sliceMs = 10;

/** Feeds the metrics of sessions and engine: one method per event, and a reading of the engine and the gauges. */
export class Metrics {
  readonly registry: Registry;
  readonly #options: MetricsOptions;
  readonly #accounting: Accounting;
  readonly #totals: EngineTotals;
  readonly #startedAt: number;
  readonly #openedAt = new Map<SessionId, number>();
  #settling = false;
  /** A slice of settling is to come. */
  #sliceDue = false;
  #onSettled: (() => void)[] = [];

  constructor(options: MetricsOptions) {
    const { registry, clock } = options;
    this.registry = registry;
    this.#options = options;
    this.#accounting = new Accounting(options);
    this.#totals = new EngineTotals(registry);
    this.#startedAt = clock.monotonic();
    registry.family('startTime').set(clock.now() / 1000);
    registry.family('buildInfo').set(1);
    if (!options.perClient) registry.showShared();
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
    this.#openedAt.set(sessionId, this.#options.clock.monotonic());
    this.registry.family('totalConnections').add(1);
    this.#showActive();
  }

  /** A request was answered with anything else. */
  refused(
    { code, status }: { readonly code: RefusalCode; readonly status: number },
    receivedAtMs: number,
  ): void {
    this.#answered('failed', receivedAtMs);
    const refusals = this.registry.family('admissionRefusals');
    refusals.add(1, refusals.cell(code, String(status)));
    const type = refusalErrors[code];
    if (type !== null) this.error(type);
  }

  /** The peer took its request back before it was answered. */
  abandoned(receivedAtMs: number): void {
    this.#answered('failed', receivedAtMs);
    this.registry.family('requestsAbandoned').add(1);
  }

  /**
   * A session ended. One that was admitted leaves `active_connections` at once; `settled` is called a little
   * later, once, with its final counters.
   */
  ended(
    sessionId: SessionId,
    cause: SessionCloseCause | EndCause,
    settled: (traffic: SessionTraffic) => void,
  ): void {
    const openedAt = this.#openedAt.get(sessionId);
    const row = this.#accounting.rowOf(sessionId);
    if (openedAt === undefined || row === null) {
      this.#accounting.refused(sessionId);
    } else {
      this.#openedAt.delete(sessionId);
      this.#showActive();
      const seconds = (this.#options.clock.monotonic() - openedAt) / 1000;
      this.registry.family('connectionDuration').observe(seconds, 0, row);
      const ends = this.registry.family('sessionEnds');
      ends.add(1, ends.cell(cause));
      this.#accounting.closed(sessionId, settled);
    }
    this.#settleSoon();
  }

  connectionEnded(connectionId: ConnectionId, cause: ConnectionCloseCause): void {
    if (connectionErrors.includes(cause)) this.error('connection');
    const ends = this.registry.family('quicConnectionEnds');
    ends.add(1, ends.cell(cause));
    this.#accounting.connectionClosed(connectionId);
    this.#settleSoon();
  }

  /** A session was ended `seconds` after its client lost access: one call for each session. */
  accessEnded(seconds: number): void {
    // Never negative, although clocks of two servers may differ.
    this.registry.family('revocationDelay').observe(Math.max(0, seconds));
  }

  /** A capsule broke a rule of the protocol, and its session is aborted. */
  capsuleRefused(): void {
    const errors = this.registry.family('capsuleErrors');
    errors.add(1, errors.cell('refused'));
    this.error('masque');
  }

  /** Handshakes use a certificate that is valid until `notAfterMs` (UTC milliseconds). */
  serverCertificateUsed(notAfterMs: number): void {
    const expiry = this.registry.family('certificateExpiry');
    expiry.set(notAfterMs / 1000, expiry.cell('server'));
  }

  error(type: ErrorType): void {
    const errors = this.registry.family('errors');
    errors.add(1, errors.cell(type));
  }

  /** Reads the engine, settles what has ended: a slice of it at once, the rest soon. */
  read(): void {
    this.#accounting.read(this.#options.clock.monotonic());
    this.#totals.read(this.#accounting.snapshot);
    this.#settleSome();
  }

  /** Resolves when every session whose end was read is settled. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#accounting.unsettled) this.#onSettled.push(resolve);
      else resolve();
    });
  }

  /** Reads the engine and everything else that a scrape shows, at once. */
  gather(): void {
    for (const step of this.gatherSteps()) step();
  }

  /** The same as steps, between which the event loop may go. */
  gatherSteps(): readonly (() => void)[] {
    return [
      () => {
        this.#accounting.readSessions(this.#options.clock.monotonic());
        this.#settleSome();
      },
      () => {
        this.#accounting.readConnections();
        this.#totals.read(this.#accounting.snapshot);
      },
      () => {
        this.#readRest();
      },
    ];
  }

  /** Reads the engine and observes the path of every open session. */
  samplePaths(): void {
    this.read();
    this.#accounting.samplePaths();
  }

  /** Counters of an open session at the last `read`. */
  trafficOf(sessionId: SessionId): SessionTraffic {
    return this.#accounting.trafficOf(sessionId);
  }

  /** What all sessions there were have sent and received, and every packet dropped, at the last `read`. */
  get totalTraffic(): SessionTraffic {
    return this.#accounting.totals;
  }

  /** Requests that got no tunnel. */
  get totalRefusals(): number {
    const requests = this.registry.family('requests');
    return requests.get(requests.cell('CONNECT', 'failed'));
  }

  /** Paths of these connections at the last `read`. */
  pathsOf(connections: ReadonlySet<ConnectionId>): ReadonlyMap<number, PathQuality> {
    return pathsIn(this.#accounting.snapshot, connections);
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

  #readRest(): void {
    const { gauges, clock } = this.#options;
    readGauges(this.registry, gauges);
    this.registry.family('serverUptime').set((clock.monotonic() - this.#startedAt) / 1000);
    const { own, shared } = this.#accounting.clients.counts;
    const clients = this.registry.family('metricClients');
    clients.set(own, clients.cell('own'));
    clients.set(shared, clients.cell('shared'));
    this.registry.family('scrapeSeries').set(this.registry.seriesCount);
  }

  #showActive(): void {
    const { size } = this.#openedAt;
    this.registry.family('activeConnections').set(size);
    const sessions = this.registry.family('transportSessions');
    sessions.set(size, sessions.cell('h3'));
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
      if (this.#accounting.unread) this.read();
    });
  }

  #settleSome(): void {
    const { clock } = this.#options;
    const endMs = clock.monotonic() + sliceMs;
    this.#accounting.settle(() => clock.monotonic() >= endMs);
    if (!this.#accounting.unsettled) {
      for (const resolve of this.#onSettled.splice(0)) resolve();
      return;
    }
    if (this.#sliceDue) return;
    this.#sliceDue = true;
    clock.after(0, () => {
      this.#sliceDue = false;
      this.#settleSome();
    });
  }
}
