import {
  connectionColumns,
  sessionColumns,
  type ConnectionColumn,
  type SessionColumn,
} from '@masque-vpn/engine';

/** Counters of one session, as the engine's row held them. */
export interface SessionTraffic {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly dropsSending: number;
  readonly dropsReceiving: number;
}

export const noTraffic: SessionTraffic = {
  bytesSent: 0,
  bytesReceived: 0,
  packetsSent: 0,
  packetsReceived: 0,
  dropsSending: 0,
  dropsReceiving: 0,
};

/** Where a column stands in the engine's session rows. */
export function sessionColumn(name: SessionColumn): number {
  return sessionColumns.indexOf(name);
}

/** Where a column stands in the engine's connection rows. */
export function connectionColumn(name: ConnectionColumn): number {
  return connectionColumns.indexOf(name);
}

/**
 * The last values seen of one of the engine's rows. Reading them as growth makes counters that never go
 * backwards, not even when a row does.
 */
export class SeenRow {
  readonly #values: Float64Array;

  constructor(width: number) {
    this.#values = new Float64Array(width);
  }

  /** How much the column has grown since the last call; notes its value. */
  growth(column: number, now: number): number {
    const grown = now - (this.#values[column] ?? 0);
    if (!(grown > 0)) return 0;
    this.#values[column] = now;
    return grown;
  }

  at(column: number): number {
    return this.#values[column] ?? 0;
  }
}
