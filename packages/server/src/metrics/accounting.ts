import { dropReasons, Snapshot, type ConnectionId, type Engine, type SessionId } from '@masque-vpn/engine';
import { ClientRows, type ClientRowsOptions } from './clientRows.js';
import { ConnectionAccounts } from './connectionAccounts.js';
import { samplePaths, type PathFamilies } from './paths.js';
import type { SessionTraffic } from './rows.js';
import { SessionAccounts } from './sessionAccounts.js';

export interface AccountingOptions extends ClientRowsOptions {
  readonly engine: Pick<Engine, 'snapshot' | 'releaseSession' | 'releaseConnection'>;
}

/**
 * Turns the engine's rows into counters per client. A row is read as the difference to the last reading, so
 * that a counter never goes backwards; the final row of what has ended is read once, then released.
 */
export class Accounting {
  /** The last snapshot taken; `EngineTotals` reads the rest of it. */
  readonly snapshot = new Snapshot();
  readonly clients: ClientRows;
  readonly #options: AccountingOptions;
  readonly #sessions: SessionAccounts;
  readonly #connections: ConnectionAccounts;
  readonly #paths: PathFamilies;
  /** Ended sessions whose final row was not read yet → who wants it. */
  readonly #ended = new Map<SessionId, ((traffic: SessionTraffic) => void) | null>();
  /** Those whose final row was read, and not told to who wants it. */
  readonly #final = new Map<SessionId, ((traffic: SessionTraffic) => void) | null>();
  #readAt = 0;

  constructor(options: AccountingOptions) {
    const { engine, registry } = options;
    this.#options = options;
    this.clients = new ClientRows(options);
    this.#sessions = new SessionAccounts(registry);
    this.#connections = new ConnectionAccounts(registry, {
      release: (id) => engine.releaseConnection(id),
      onGone: (client) => this.clients.leave(client, this.#readAt),
    });
    this.#paths = {
      rtt: registry.family('pathRtt'),
      loss: registry.family('pathLoss'),
      congestionWindow: registry.family('pathCongestionWindow'),
      congestionRate: registry.family('pathCongestionRate'),
      congestionMode: registry.family('pathCongestionMode'),
      mtu: registry.family('pathMtu'),
    };
  }

  /** A session was admitted: the client's series exist from now on. */
  opened(sessionId: SessionId, connectionId: ConnectionId, clientId: string): void {
    const connection = this.#connections.account(connectionId);
    const client = this.clients.enter(clientId);
    this.#sessions.open(sessionId, client, connection);
    connection.sessions += 1;
    connection.client ??= this.clients.enter(clientId);
  }

  /** An admitted session ended; `settled` gets its final counters from `settle` after the next `read`. */
  closed(sessionId: SessionId, settled: (traffic: SessionTraffic) => void): void {
    this.#ended.set(sessionId, settled);
  }

  /** A session that was never admitted ended; its row is released like that of one that was. */
  refused(sessionId: SessionId): void {
    this.#ended.set(sessionId, null);
  }

  connectionClosed(connectionId: ConnectionId): void {
    this.#connections.close(connectionId);
  }

  /** Row of an admitted session's client; null when it has been settled. */
  rowOf(sessionId: SessionId): number | null {
    return this.#sessions.clientOf(sessionId)?.row ?? null;
  }

  /** Counters of an open session at the last `read`. */
  trafficOf(sessionId: SessionId): SessionTraffic {
    return this.#sessions.trafficOf(sessionId);
  }

  /** What all sessions there were have sent and received, at the last `read`. */
  get totals(): SessionTraffic {
    const { snapshot } = this;
    let [dropsSending, dropsReceiving] = [0, 0];
    for (const reason of dropReasons) {
      dropsSending += snapshot.total(`outboundDrops.${reason}`);
      dropsReceiving += snapshot.total(`inboundDrops.${reason}`);
    }
    return { ...this.#sessions.totals, dropsSending, dropsReceiving };
  }

  /** Whether anything waits for its final row. */
  get unread(): boolean {
    return this.#ended.size > 0 || this.#connections.anyClosed;
  }

  /** Whether `settle` has anything to do. */
  get unsettled(): boolean {
    return this.#final.size > 0;
  }

  /** Takes a snapshot, credits what is new in it, removes series past their retention. `settle` follows. */
  read(monotonicMs: number): void {
    this.readSessions(monotonicMs);
    this.readConnections();
  }

  /** The first half of a `read`. Other readings may come before the second, which goes by the latest snapshot. */
  readSessions(monotonicMs: number): void {
    this.#readAt = monotonicMs;
    this.#options.engine.snapshot(this.snapshot);
    this.#sessions.credit(this.snapshot);
    for (const [id, settled] of this.#ended) this.#final.set(id, settled);
    this.#ended.clear();
  }

  /** The second half. */
  readConnections(): void {
    this.#connections.credit(this.snapshot);
    this.clients.expire(this.#readAt);
  }

  /** Releases sessions whose final row was read and tells their counters, until `isEnough` says so after one of them. */
  settle(isEnough: () => boolean): void {
    for (const [id, settled] of this.#final) {
      this.#final.delete(id);
      this.#settleOne(id, settled);
      if (isEnough()) return;
    }
  }

  /** Observes the path of every open session as the last snapshot shows it. */
  samplePaths(): void {
    samplePaths(this.snapshot, (id) => this.#connections.find(id), this.#paths);
  }

  /** How much is remembered, for tests of leaks. */
  get size(): { sessions: number; connections: number; clients: number } {
    return {
      sessions: this.#sessions.size,
      connections: this.#connections.size,
      clients: this.clients.size,
    };
  }

  #settleOne(id: SessionId, settled: ((traffic: SessionTraffic) => void) | null): void {
    this.#options.engine.releaseSession(id);
    const removed = this.#sessions.remove(id);
    if (removed === null) return;
    const { account, traffic } = removed;
    account.connection.sessions -= 1;
    this.clients.leave(account.client, this.#readAt);
    settled?.(traffic);
  }
}
