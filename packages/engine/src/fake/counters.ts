import type { ConnectionId, SessionId } from '../engine.js';
import {
  connectionColumns,
  sessionColumns,
  streamDurationBounds,
  totalColumns,
  type ConnectionColumn,
  type SessionColumn,
  type Snapshot,
  type TotalColumn,
} from '../snapshot.js';

/** One row of named counters. */
class Row<Column extends string> {
  readonly values: Float64Array;
  readonly #columns: readonly Column[];

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.values = new Float64Array(columns.length);
  }

  get(column: Column): number {
    return this.values[this.#columns.indexOf(column)] ?? Number.NaN;
  }

  set(column: Column, value: number): void {
    this.values[this.#columns.indexOf(column)] = value;
  }

  add(column: Column, amount = 1): void {
    this.set(column, this.get(column) + amount);
  }
}

export type SessionRow = Row<SessionColumn>;
export type ConnectionRow = Row<ConnectionColumn>;

/** All counters of one fake engine; what a snapshot shows. */
export class Counters {
  readonly totals = new Row<TotalColumn>(totalColumns);
  readonly #sessions = new Map<SessionId, SessionRow>();
  readonly #connections = new Map<ConnectionId, ConnectionRow>();

  addSession(id: SessionId, connectionId: ConnectionId): SessionRow {
    const row = new Row<SessionColumn>(sessionColumns);
    row.set('sessionId', id);
    row.set('connectionId', connectionId);
    this.#sessions.set(id, row);
    return row;
  }

  addConnection(id: ConnectionId): ConnectionRow {
    const row = new Row<ConnectionColumn>(connectionColumns);
    row.set('connectionId', id);
    this.#connections.set(id, row);
    return row;
  }

  /** Drops the final row of a session that has ended; that of a living one stays. */
  releaseSession(id: SessionId, ended: boolean): void {
    if (ended) this.#sessions.delete(id);
  }

  releaseConnection(id: ConnectionId, ended: boolean): void {
    if (ended) this.#connections.delete(id);
  }

  fill(into: Snapshot): void {
    const sessions = [...this.#sessions.values()];
    const connections = [...this.#connections.values()];
    into.sessions = grown(into.sessions, sessions.length * sessionColumns.length);
    into.connections = grown(into.connections, connections.length * connectionColumns.length);
    sessions.forEach((row, index) => into.sessions.set(row.values, index * sessionColumns.length));
    connections.forEach((row, index) => into.connections.set(row.values, index * connectionColumns.length));
    into.sessionRows = sessions.length;
    into.connectionRows = connections.length;
    into.totals.set(this.totals.values);
  }
}

/** Counts a closed stream in the bucket of its duration. */
export function countStream(row: ConnectionRow, durationMs: number): void {
  const seconds = durationMs / 1000;
  const bound = streamDurationBounds.find((candidate) => seconds <= candidate);
  row.add(bound === undefined ? 'streams>3600s' : `streams<=${bound}s`);
  row.add('streamSecondsTotal', seconds);
}

function grown(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  return values.length >= length ? values : new Float64Array(Math.max(length, values.length * 2));
}
