import { sampleValue } from './exposition.js';

const zero = 0x30;
/** Largest integer that the fast path of `number` takes: beyond it, arithmetic on digits leaves 32 bits. */
const fastLimit = 1_000_000_000;
/** No number is longer. */
const longestNumber = 32;

/** Bytes that grow at their end: text is written as bytes once and copied from then on. */
export class TextBlock {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  bytes(source: Uint8Array): void {
    const { length } = source;
    this.#reserve(length);
    const target = this.#bytes;
    const start = this.#length;
    // A loop: calls into the engine cost more than lines are long.
    for (let index = 0; index < length; index += 1) target[start + index] = source[index] ?? 0;
    this.#length = start + length;
  }

  /** A sample's value as the text format spells it. */
  number(value: number): void {
    this.#reserve(longestNumber);
    if (value >= 0 && value < fastLimit && Number.isInteger(value)) this.#digits(value);
    else this.#ascii(sampleValue(value));
  }

  lineFeed(): void {
    this.#reserve(1);
    this.#bytes[this.#length] = 0x0a;
    this.#length += 1;
  }

  /** What was written so far; the block is empty afterwards and shares no memory with it. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(this.#bytes.length);
    this.#length = 0;
    return taken;
  }

  /** What was written so far, in a piece of memory of just its size; the block is empty afterwards. */
  copy(): Buffer {
    const exact = Buffer.allocUnsafeSlow(this.#length);
    this.#bytes.copy(exact, 0, 0, this.#length);
    this.#length = 0;
    return exact;
  }

  #digits(value: number): void {
    let count = 1;
    for (let bound = 10; bound <= value; bound *= 10) count += 1;
    let rest = value | 0;
    for (let index = this.#length + count - 1; index >= this.#length; index -= 1) {
      const tenth = (rest / 10) | 0;
      this.#bytes[index] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.#length += count;
  }

  #ascii(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      this.#bytes[this.#length + index] = text.charCodeAt(index);
    }
    this.#length += text.length;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
