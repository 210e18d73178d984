import type { Family } from './family.js';
import { TextBlock } from './textBlock.js';

/** Lines of one block: some 30 kilobytes, a fraction of a millisecond of work. */
const linesPerBlock = 384;
/** Enough for a block with names of usual length. */
const usualBytes = 65_536;

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
 * Single lines are traffic, which does not stand still: their text is not kept.
 */
export class RowBlocks {
  readonly #family: Family;
  readonly #rowsPerBlock: number;
  readonly #keeps: boolean;
  readonly #blocks: Block[] = [];
  /** Where a block is written before its size is known. */
  readonly #draft = new TextBlock(usualBytes);

  constructor(family: Family) {
    this.#family = family;
    this.#rowsPerBlock = Math.ceil(linesPerBlock / family.seriesPerRow);
    this.#keeps = family.seriesPerRow > 1;
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
    if (!this.#keeps) return this.#write(values, labels, first, end);
    const width = this.#family.rowWidth;
    const own = { values: values.subarray(first * width, end * width), labels: labels.slice(first, end) };
    const known = this.#blocks[index];
    if (known !== undefined && same(known.labels, own.labels) && same(known.values, own.values)) {
      return known.text;
    }
    const text = this.#write(values, labels, first, end);
    // A copy: a part of the values would hold on to all of them.
    this.#blocks[index] = { labels: own.labels, values: own.values.slice(), text };
    return text;
  }

  #write(values: Float64Array, labels: Labels, first: number, end: number): Buffer {
    for (let row = first; row < end; row += 1) {
      const label = labels[row] ?? null;
      if (label !== null) this.#family.writeRow(this.#draft, values, row, label);
    }
    return this.#draft.copy();
  }
}

function same<T>(one: ArrayLike<T>, other: ArrayLike<T>): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}
