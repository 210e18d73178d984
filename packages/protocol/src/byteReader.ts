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

  #take(count: number): Uint8Array | null {
    if (this.#offset + count > this.#bytes.length) return null;
    this.#offset += count;
    return this.#bytes.subarray(this.#offset - count, this.#offset);
  }
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
