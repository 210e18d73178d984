import {
  connectionColumns,
  streamDurationBounds,
  type ConnectionId,
  type Snapshot,
} from '@masque-vpn/engine';
import type { ClientAccount } from './clientRows.js';
import type { Family } from './family.js';
import { anonymousRow, type Registry } from './registry.js';
import { connectionColumn, SeenRows } from './rows.js';

/** A QUIC connection: whose it is, once that is known, and what was seen of its row. */
export interface ConnectionAccount {
  client: ClientAccount | null;
  /** Open sessions on it. */
  sessions: number;
  closed: boolean;
  /** Its row in what was seen. */
  readonly place: number;
  /** QUIC packets sent and lost at the last sample of its path. */
  sampledSent: number;
  sampledLost: number;
}

const connectionId = connectionColumn('connectionId');
const open = connectionColumn('open');
const bidirectional = connectionColumn('bidirectionalStreams');
const unidirectional = connectionColumn('unidirectionalStreams');
const firstDuration = connectionColumn('streams<=1s');
const secondsTotal = connectionColumn('streamSecondsTotal');

/** Connections that the engine shows, and the streams and packets on them. */
export class ConnectionAccounts {
  readonly #accounts = new Map<number, ConnectionAccount>();
  readonly #seen = new SeenRows(connectionColumns.length);
  readonly #release: (id: ConnectionId) => void;
  readonly #onGone: (client: ClientAccount) => void;
  readonly #streams: Family;
  readonly #durations: Family;
  readonly #totals: readonly (readonly [column: number, family: Family])[];
  readonly #bidirectional: number;
  readonly #unidirectional: number;
  /** Connections whose final row was read, until the engine no longer shows it: it must not count twice. */
  #released: ReadonlySet<number> = new Set();
  #anyClosed = false;

  /** `release` forgets a final row in the engine; `onGone` hears of the end of a connection that was somebody's. */
  constructor(
    registry: Registry,
    { release, onGone }: { release: (id: ConnectionId) => void; onGone: (client: ClientAccount) => void },
  ) {
    this.#release = release;
    this.#onGone = onGone;
    this.#streams = registry.family('streams');
    this.#durations = registry.family('streamDuration');
    this.#bidirectional = this.#streams.cell('bidirectional');
    this.#unidirectional = this.#streams.cell('unidirectional');
    this.#totals = [
      [connectionColumn('packetsSent'), registry.family('quicPacketsSent')],
      [connectionColumn('packetsLost'), registry.family('quicPacketsLost')],
      [connectionColumn('udpBytesSent'), registry.family('udpBytesSent')],
      [connectionColumn('udpBytesReceived'), registry.family('udpBytesReceived')],
    ];
  }

  account(id: number): ConnectionAccount {
    const known = this.#accounts.get(id);
    if (known !== undefined) return known;
    const fresh: ConnectionAccount = {
      client: null,
      sessions: 0,
      closed: false,
      place: this.#seen.take(),
      sampledSent: 0,
      sampledLost: 0,
    };
    this.#accounts.set(id, fresh);
    return fresh;
  }

  find(id: number): ConnectionAccount | null {
    return this.#accounts.get(id) ?? null;
  }

  close(id: ConnectionId): void {
    this.account(id).closed = true;
    this.#anyClosed = true;
  }

  /** Whether a connection waits for its final row to be read. */
  get anyClosed(): boolean {
    return this.#anyClosed;
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Credits what has grown in the connection rows, then forgets the connections that have ended. */
  credit({ connections, connectionRows }: Snapshot): void {
    const released = new Set<number>();
    for (let base = 0; base < connectionRows * connectionColumns.length; base += connectionColumns.length) {
      const id = connections[base + connectionId] ?? 0;
      if (this.#released.has(id)) {
        released.add(id);
        continue;
      }
      const account = this.account(id);
      // A connection that never made a request ends without an event: its row says so.
      if (connections[base + open] === 0) {
        account.closed = true;
        this.#anyClosed = true;
      }
      this.#creditTotals(account, connections, base);
      this.#creditStreams(account, connections, base);
    }
    if (this.#anyClosed) this.#settle(released);
    this.#released = released;
  }

  #creditTotals({ place }: ConnectionAccount, connections: Float64Array, base: number): void {
    for (const [column, family] of this.#totals) {
      const growth = this.#seen.growth(place, column, connections[base + column] ?? 0);
      if (growth > 0) family.add(growth);
    }
  }

  /** A connection whose client is unknown keeps its streams until it is admitted or ends. */
  #creditStreams(
    { client, closed, place }: ConnectionAccount,
    connections: Float64Array,
    base: number,
  ): void {
    if (client === null && !closed) return;
    const row = client === null ? anonymousRow : client.row;
    const growth = (column: number): number =>
      this.#seen.growth(place, column, connections[base + column] ?? 0);
    const both = growth(bidirectional);
    if (both > 0) this.#streams.add(both, this.#bidirectional, row);
    const single = growth(unidirectional);
    if (single > 0) this.#streams.add(single, this.#unidirectional, row);
    for (let bin = 0; bin <= streamDurationBounds.length; bin += 1) {
      const count = growth(firstDuration + bin);
      if (count > 0) this.#durations.addBin(bin, count, 0, row);
    }
    const seconds = growth(secondsTotal);
    if (seconds > 0) this.#durations.addSum(seconds, 0, row);
  }

  #settle(released: Set<number>): void {
    this.#anyClosed = false;
    for (const [id, account] of this.#accounts) {
      if (!account.closed) continue;
      this.#accounts.delete(id);
      this.#seen.free(account.place);
      this.#release(id as ConnectionId);
      released.add(id);
      if (account.client !== null) this.#onGone(account.client);
    }
  }
}
