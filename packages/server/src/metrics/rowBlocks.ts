import type { Family } from './family.js';
import { TextBlock } from './textBlock.js';

/** Lines of one block: some 60 kilobytes, a fraction of a millisecond of work. */
const linesPerBlock = 768;
/** Enough for a block with names of usual length. */
const usualBytes = 98_304;

/** `client_id="…"` of rows; null: not shown. */
type Labels = readonly (Uint8Array | null)[];

/** What a block was made from, and its text. */
interface Block {
  readonly values: Float64Array;
  readonly labels: Labels;
  readonly text: Buffer;
}

/**
 * The text of one family's rows, some rows at a time. Of most clients most series stand still between two
 * scrapes, histograms above all: a block that would become the same text is the same piece of memory again.
 */
export class RowBlocks {
  readonly #family: Family;
  readonly #rowsPerBlock: number;
  readonly #blocks: Block[] = [];

  constructor(family: Family) {
    this.#family = family;
    this.#rowsPerBlock = Math.ceil(linesPerBlock / family.seriesPerRow);
  }

  /** The text of captured values, in as many pieces as there are blocks; `labels` has every row. */
  *texts(values: Float64Array, labels: Labels): Generator<Buffer, void, undefined> {
    const count = Math.ceil(labels.length / this.#rowsPerBlock);
    for (let index = 0; index < count; index += 1) {
      const first = index * this.#rowsPerBlock;
      yield this.#text(index, values, labels, first, Math.min(first + this.#rowsPerBlock, labels.length));
    }
  }

  #text(index: number, values: Float64Array, labels: Labels, first: number, end: number): Buffer {
    const width = this.#family.rowWidth;
    const own = { values: values.subarray(first * width, end * width), labels: labels.slice(first, end) };
    const known = this.#blocks[index];
    if (known !== undefined && same(known.labels, own.labels) && same(known.values, own.values)) {
      return known.text;
    }
    const written = new TextBlock(usualBytes);
    for (let row = first; row < end; row += 1) {
      const label = labels[row] ?? null;
      if (label !== null) this.#family.writeRow(written, values, row, label);
    }
    const text = written.compact();
    // A copy: a part of the values would hold on to all of them.
    this.#blocks[index] = { labels: own.labels, values: own.values.slice(), text };
    return text;
  }
}

function same<T>(one: ArrayLike<T>, other: ArrayLike<T>): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}
