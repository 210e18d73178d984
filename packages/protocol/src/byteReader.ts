import { addressBits, addressFromBytes, type IpAddress, type IpFamily } from './address.js';
import { decodeVarint } from './varint.js';

/** Reads fields one after the other; each read is null if the bytes end before the field does. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  readByte(): number | null {
    return this.#take(1)?.[0] ?? null;
  }

  /** Network byte order. */
  readUint16(): number | null {
    const [high, low] = this.#take(2) ?? [];
    return high === undefined || low === undefined ? null : (high << 8) | low;
  }

  readVarint(): bigint | null {
    const read = decodeVarint(this.#bytes, this.#offset);
    if (read === null) return null;
    this.#offset += read.length;
    return read.value;
  }

  readAddress(family: IpFamily): IpAddress | null {
    const bytes = this.#take(addressBits(family) / 8);
    return bytes === null ? null : addressFromBytes(bytes);
  }

  /** A copy of so many bytes. */
  readBytes(count: number): Uint8Array | null {
    return this.#take(count)?.slice() ?? null;
  }

  #take(count: number): Uint8Array | null {
    if (this.#offset + count > this.#bytes.length) return null;
    this.#offset += count;
    return this.#bytes.subarray(this.#offset - count, this.#offset);
  }
}

/** Two bytes in network byte order. */
export function uint16Bytes(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** Joins byte arrays. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
