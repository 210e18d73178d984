import { randomFillSync } from 'node:crypto';

const mostOfCounter = 0xfff;
const uuidBytes = 16;
/** Random bytes drawn at a time: a call for each id takes longer than all the rest of it. */
const drawnBytes = 256 * uuidBytes;

/**
 * Makes UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, a counter of 12 bits (§6.2, method
 * 1), 62 random bits: ids sort by time, and within a millisecond as they were made.
 */
export class UuidSequence {
  readonly #drawn = Buffer.alloc(drawnBytes);
  /** Where the bytes begin that were not used yet. */
  #unused = drawnBytes;
  #lastMillisecond = 0;
  #counter = 0;

  /** @param now UTC milliseconds; a fraction is cut off. */
  next(now: number): string {
    const millisecond = Math.trunc(now);
    const bytes = this.#random();
    // It runs on across milliseconds, so that ids of two moments that alternate are in order as well.
    const startsAnew = millisecond > this.#lastMillisecond && this.#counter > mostOfCounter >> 1;
    this.#counter = startsAnew
      ? bytes.readUInt16BE(6) & (mostOfCounter >> 2)
      : Math.min(this.#counter + 1, mostOfCounter);
    this.#lastMillisecond = Math.max(this.#lastMillisecond, millisecond);
    bytes.writeUIntBE(millisecond, 0, 6);
    bytes.writeUInt16BE(0x7000 | this.#counter, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** 16 random bytes that nobody else gets. */
  #random(): Buffer {
    if (this.#unused === drawnBytes) {
      randomFillSync(this.#drawn);
      this.#unused = 0;
    }
    this.#unused += uuidBytes;
    return this.#drawn.subarray(this.#unused - uuidBytes, this.#unused);
  }
}

/** One for the process, because ids of all tables are compared with each other. */
const ofProcess = new UuidSequence();

/** The next id of this process, as {@link UuidSequence} makes it. */
export const uuidV7 = (now: number): string => ofProcess.next(now);
