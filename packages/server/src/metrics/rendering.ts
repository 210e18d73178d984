import type { Family } from './family.js';
import type { RowBlocks } from './rowBlocks.js';
import { TextBlock } from './textBlock.js';

/** A family with its values at one moment. */
export interface CapturedFamily {
  readonly family: Family;
  readonly values: Float64Array;
  /** The rows of clients, of a family that has such rows. */
  readonly clients: {
    /** `client_id="…"` of each row; null: it is not shown. */
    readonly labels: readonly (Uint8Array | null)[];
    readonly blocks: RowBlocks;
  } | null;
}

/** Text is handed on when there is about so much of it: well under a millisecond of work. */
const chunkBytes = 65_536;
/** A piece of text that is smaller is copied to others instead of being a chunk of its own. */
const smallBytes = 16_384;

/** The values of all metrics at one moment, which become text a chunk at a time. */
export class Rendering {
  readonly #families: readonly CapturedFamily[];
  readonly #bornAs: readonly number[];
  /** How many rows had come to be. */
  readonly births: number;

  /** `bornAs` tells of each row the how manieth it was to come to be, from 1; 0 where there is none. */
  constructor(families: readonly CapturedFamily[], bornAs: readonly number[], births: number) {
    this.#families = families;
    this.#bornAs = bornAs;
    this.births = births;
  }

  /** The rows that came to be after the first `births`. */
  rowsSince(births: number): readonly number[] {
    const rows: number[] = [];
    for (const [row, born] of this.#bornAs.entries()) if (born > births) rows.push(row);
    return rows;
  }

  /** The same, with all values of some rows at 0. */
  withRowsAtZero(rows: readonly number[]): Rendering {
    const families = this.#families.map((captured) => {
      if (captured.clients === null) return captured;
      const values = captured.values.slice();
      const width = captured.family.rowWidth;
      for (const row of rows) values.fill(0, row * width, (row + 1) * width);
      return { ...captured, values };
    });
    return new Rendering(families, this.#bornAs, this.births);
  }

  /** Text format 0.0.4; a line is never cut between chunks. Nobody may change a chunk: another rendering may have it too. */
  *chunks(): Generator<Buffer, void, undefined> {
    const text = new TextBlock(chunkBytes + smallBytes);
    for (const { family, values, clients } of this.#families) {
      family.writeHeader(text);
      if (clients === null) {
        family.writeRow(text, values, 0);
        continue;
      }
      for (const block of clients.blocks.texts(values, clients.labels)) {
        if (block.length < smallBytes) {
          text.bytes(block);
        } else {
          if (text.length > 0) yield text.take();
          yield block;
        }
        if (text.length >= chunkBytes) yield text.take();
      }
    }
    if (text.length > 0) yield text.take();
  }
}
