import { Snapshot, type ConnectionId, type Engine, type SessionId } from '@masque-vpn/engine';
import { anonymousRow, type Registry } from './registry.js';
import { connectionRow, noTraffic, sessionRow, type SessionTraffic, type StreamTraffic } from './rows.js';

interface SessionAccount {
  readonly clientId: string;
  seen: SessionTraffic;
}

interface ConnectionAccount {
  clientId: string | null;
  seen: StreamTraffic;
  closed: boolean;
}

interface ClientAccount {
  sessions: number;
  connections: number;
}

const noStreams: StreamTraffic = { bidirectional: 0, unidirectional: 0, durations: [], secondsTotal: 0 };

export interface AccountingOptions {
  readonly engine: Pick<Engine, 'snapshot' | 'releaseSession' | 'releaseConnection'>;
  readonly registry: Registry;
  /** How long a client's series outlive its last session. */
  readonly retentionMs: number;
}

/**
 * Turns the engine's rows into counters per client. A row is read as the difference to the last reading, so
 * that a counter never goes backwards; the final row of what has ended is read once, then released.
 */
export class Accounting {
  /** The last snapshot taken; `EngineTotals` reads the rest of it. */
  readonly snapshot = new Snapshot();
  readonly #options: AccountingOptions;
  readonly #sessions = new Map<number, SessionAccount>();
  readonly #connections = new Map<number, ConnectionAccount>();
  readonly #clients = new Map<string, ClientAccount>();
  /** Clients without a session or connection → since when (monotonic ms); the longest idle first. */
  readonly #idleSince = new Map<string, number>();
  /** Ended sessions whose final row was not read yet → who wants it. */
  readonly #ended = new Map<SessionId, ((traffic: SessionTraffic) => void) | null>();
  /** Connections whose final row was read, until the engine no longer shows it: it must not count twice. */
  #released: ReadonlySet<number> = new Set();
  #closedConnections = false;
  readonly #bidirectional: number;
  readonly #unidirectional: number;

  constructor(options: AccountingOptions) {
    this.#options = options;
    this.#bidirectional = options.registry.family('streams').cell('bidirectional');
    this.#unidirectional = options.registry.family('streams').cell('unidirectional');
  }

  /** A session was admitted: the client's series exist from now on. */
  opened(sessionId: SessionId, connectionId: ConnectionId, clientId: string): void {
    this.#options.registry.clientRow(clientId);
    const client = this.#clientAccount(clientId);
    client.sessions += 1;
    this.#sessions.set(sessionId, { clientId, seen: noTraffic });
    const connection = this.#connectionAccount(connectionId);
    if (connection.clientId === null) {
      connection.clientId = clientId;
      client.connections += 1;
    }
  }

  /** An admitted session ended; `settled` gets its final counters at the next `read`. */
  closed(sessionId: SessionId, settled: (traffic: SessionTraffic) => void): void {
    this.#ended.set(sessionId, settled);
  }

  /** A session that was never admitted ended; its row is released at the next `read`. */
  refused(sessionId: SessionId): void {
    this.#ended.set(sessionId, null);
  }

  connectionClosed(connectionId: ConnectionId): void {
    this.#connectionAccount(connectionId).closed = true;
    this.#closedConnections = true;
  }

  /** Counters of an open session at the last `read`. */
  trafficOf(sessionId: SessionId): SessionTraffic {
    return this.#sessions.get(sessionId)?.seen ?? noTraffic;
  }

  /** Whether anything waits for its final row. */
  get unsettled(): boolean {
    return this.#ended.size > 0 || this.#closedConnections;
  }

  /** Takes a snapshot, credits what is new in it, settles what has ended, removes series past their retention. */
  read(monotonicMs: number): void {
    const { engine } = this.#options;
    engine.snapshot(this.snapshot);
    for (let row = 0; row < this.snapshot.sessionRows; row += 1) {
      const { id, traffic } = sessionRow(this.snapshot, row);
      this.#creditSession(id, traffic);
    }
    const released = new Set<number>();
    for (let row = 0; row < this.snapshot.connectionRows; row += 1) {
      const { id, open, streams } = connectionRow(this.snapshot, row);
      if (this.#released.has(id)) released.add(id);
      else this.#creditConnection(id, open, streams);
    }
    this.#settleSessions(monotonicMs);
    this.#settleConnections(monotonicMs, released);
    this.#released = released;
    this.#expire(monotonicMs);
  }

  /** How much is remembered, for tests of leaks. */
  get size(): { sessions: number; connections: number; clients: number } {
    return {
      sessions: this.#sessions.size,
      connections: this.#connections.size,
      clients: this.#clients.size,
    };
  }

  #creditSession(id: number, now: SessionTraffic): void {
    const account = this.#sessions.get(id);
    if (account === undefined) return;
    const { registry } = this.#options;
    const row = registry.clientRow(account.clientId);
    const { seen } = account;
    registry.family('bytesSent').add(growth(seen.bytesSent, now.bytesSent), 0, row);
    registry.family('bytesReceived').add(growth(seen.bytesReceived, now.bytesReceived), 0, row);
    registry.family('packetsSent').add(growth(seen.packetsSent, now.packetsSent), 0, row);
    registry.family('packetsReceived').add(growth(seen.packetsReceived, now.packetsReceived), 0, row);
    account.seen = now;
  }

  /** A connection whose client is unknown keeps its streams until it is admitted or ends. */
  #creditConnection(id: number, open: boolean, now: StreamTraffic): void {
    const account = this.#connectionAccount(id);
    // A connection that never made a request ends without an event: its row says so.
    if (!open) account.closed = true;
    if (account.clientId === null && !account.closed) return;
    const { registry } = this.#options;
    const row = account.clientId === null ? anonymousRow : registry.clientRow(account.clientId);
    const { seen } = account;
    const streams = registry.family('streams');
    streams.add(growth(seen.bidirectional, now.bidirectional), this.#bidirectional, row);
    streams.add(growth(seen.unidirectional, now.unidirectional), this.#unidirectional, row);
    const durations = registry.family('streamDuration');
    now.durations.forEach((count, bin) => {
      durations.addBin(bin, growth(seen.durations[bin] ?? 0, count), 0, row);
    });
    durations.addSum(growth(seen.secondsTotal, now.secondsTotal), 0, row);
    account.seen = now;
  }

  #settleSessions(monotonicMs: number): void {
    for (const [id, settled] of this.#ended) {
      this.#ended.delete(id);
      this.#options.engine.releaseSession(id);
      const account = this.#sessions.get(id);
      if (account === undefined) continue;
      this.#sessions.delete(id);
      const client = this.#clientAccount(account.clientId);
      client.sessions -= 1;
      this.#noteIdle(account.clientId, client, monotonicMs);
      settled?.(account.seen);
    }
  }

  #settleConnections(monotonicMs: number, released: Set<number>): void {
    this.#closedConnections = false;
    for (const [id, account] of this.#connections) {
      if (!account.closed) continue;
      this.#connections.delete(id);
      this.#options.engine.releaseConnection(id as ConnectionId);
      released.add(id);
      if (account.clientId === null) continue;
      const client = this.#clientAccount(account.clientId);
      client.connections -= 1;
      this.#noteIdle(account.clientId, client, monotonicMs);
    }
  }

  #noteIdle(clientId: string, client: ClientAccount, monotonicMs: number): void {
    if (client.sessions > 0 || client.connections > 0) return;
    this.#idleSince.delete(clientId);
    this.#idleSince.set(clientId, monotonicMs);
  }

  #expire(monotonicMs: number): void {
    for (const [clientId, since] of this.#idleSince) {
      if (monotonicMs - since < this.#options.retentionMs) return;
      this.#idleSince.delete(clientId);
      this.#clients.delete(clientId);
      this.#options.registry.removeClient(clientId);
    }
  }

  #clientAccount(clientId: string): ClientAccount {
    this.#idleSince.delete(clientId);
    const known = this.#clients.get(clientId);
    if (known !== undefined) return known;
    const fresh: ClientAccount = { sessions: 0, connections: 0 };
    this.#clients.set(clientId, fresh);
    return fresh;
  }

  #connectionAccount(connectionId: number): ConnectionAccount {
    const known = this.#connections.get(connectionId);
    if (known !== undefined) return known;
    const fresh: ConnectionAccount = { clientId: null, seen: noStreams, closed: false };
    this.#connections.set(connectionId, fresh);
    return fresh;
  }
}

function growth(before: number, now: number): number {
  return Math.max(0, now - before);
}
