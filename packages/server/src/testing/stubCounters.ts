import {
  connectionColumns,
  sessionColumns,
  totalColumns,
  type ConnectionColumn,
  type ConnectionId,
  type SessionColumn,
  type SessionId,
  type Snapshot,
  type TotalColumn,
} from '@masque-vpn/engine';

type Values<Column extends string> = Partial<Record<Column, number>>;

/** The counters of an engine, set by hand: the part of `Engine` that metrics read. */
export class StubCounters {
  readonly sessions = new Map<number, Values<SessionColumn>>();
  readonly connections = new Map<number, Values<ConnectionColumn>>();
  readonly totals: Values<TotalColumn> = {};
  /** Released rows vanish at once, as the fake's do; false: one snapshot later. */
  releaseAtOnce = true;
  readonly released: number[] = [];
  /** How often they were read. */
  snapshots = 0;
  readonly #leaving = new Set<number>();

  session(id: number): SessionId {
    this.sessions.set(id, this.sessions.get(id) ?? { open: 1 });
    return id as SessionId;
  }

  connection(id: number): ConnectionId {
    this.connections.set(id, this.connections.get(id) ?? { open: 1 });
    return id as ConnectionId;
  }

  snapshot(into: Snapshot): void {
    this.snapshots += 1;
    into.sessions = table(sessionColumns, this.sessions, 'sessionId');
    into.sessionRows = this.sessions.size;
    into.connections = table(connectionColumns, this.connections, 'connectionId');
    into.connectionRows = this.connections.size;
    into.totals.set(totalColumns.map((column) => this.totals[column] ?? 0));
    for (const id of this.#leaving) this.connections.delete(id);
    this.#leaving.clear();
  }

  releaseSession(id: SessionId): void {
    this.released.push(id);
    this.sessions.delete(id);
  }

  releaseConnection(id: ConnectionId): void {
    this.released.push(id);
    if (this.releaseAtOnce) this.connections.delete(id);
    else this.#leaving.add(id);
  }
}

function table<Column extends string>(
  columns: readonly Column[],
  rows: ReadonlyMap<number, Values<Column>>,
  idColumn: Column,
): Float64Array<ArrayBuffer> {
  return Float64Array.from(
    [...rows].flatMap(([id, values]) =>
      columns.map((column) => (column === idColumn ? id : (values[column] ?? 0))),
    ),
  );
}
