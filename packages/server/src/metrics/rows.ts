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
 * The last values seen of the engine's rows, side by side in one piece of memory. Reading them as growth makes
 * counters that never go backwards, not even when a row does.
 */
export class SeenRows {
  readonly #width: number;
  readonly #free: number[] = [];
  #values: Float64Array;
  #used = 0;

  /** `width` columns are remembered of each row. */
  constructor(width: number) {
    this.#width = width;
    this.#values = new Float64Array(width * 64);
  }

  /** A place for one more row, all of it 0. */
  take(): number {
    const place = this.#free.pop() ?? this.#used++;
    const end = (place + 1) * this.#width;
    if (end > this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values.fill(0, end - this.#width, end);
    return place;
  }

  free(place: number): void {
    this.#free.push(place);
  }

  /** How much a column has grown since the last call; notes its value. */
  growth(place: number, column: number, now: number): number {
    const at = place * this.#width + column;
    const grown = now - (this.#values[at] ?? 0);
    if (!(grown > 0)) return 0;
    this.#values[at] = now;
    return grown;
  }

  at(place: number, column: number): number {
    return this.#values[place * this.#width + column] ?? 0;
  }
}
