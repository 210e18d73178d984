import type { Family } from './family.js';
import { TextBlock } from './textBlock.js';

/** A family with its values at one moment. */
export interface CapturedFamily {
  readonly family: Family;
  readonly values: Float64Array;
  /** The row of connections without a client, where it is shown. */
  readonly anonymous: { readonly row: number; readonly label: Uint8Array } | null;
}

/** Bytes of one chunk, about; well under a millisecond of work. */
const chunkBytes = 65_536;

/** The values of all metrics at one moment, which become text a chunk at a time. */
export class Rendering {
  readonly #families: readonly CapturedFamily[];
  readonly #rows: readonly number[];
  readonly #labels: readonly Uint8Array[];

  /** `rows` are those of the clients that have series, `labels` their `client_id="…"`. */
  constructor(families: readonly CapturedFamily[], rows: readonly number[], labels: readonly Uint8Array[]) {
    this.#families = families;
    this.#rows = rows;
    this.#labels = labels;
  }

  /** Text format 0.0.4; a line is never cut between chunks. */
  *chunks(): Generator<Buffer, void, undefined> {
    // A row more than a chunk may hold.
    const block = new TextBlock(chunkBytes + 16_384);
    for (const { family, values, anonymous } of this.#families) {
      family.writeHeader(block);
      if (!family.perClient) family.writeRow(block, values, 0);
      if (anonymous !== null) family.writeRow(block, values, anonymous.row, anonymous.label);
      if (!family.perClient) continue;
      for (let index = 0; index < this.#rows.length; index += 1) {
        family.writeRow(block, values, this.#rows[index] ?? 0, this.#labels[index]);
        if (block.length >= chunkBytes) yield block.take();
      }
    }
    if (block.length > 0) yield block.take();
  }
}
