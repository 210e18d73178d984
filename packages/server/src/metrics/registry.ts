import { contract, type MetricKey } from './contract.js';
import { labelPair } from './exposition.js';
import { Family } from './family.js';
import { Rendering, type CapturedFamily } from './rendering.js';
import { RowBlocks } from './rowBlocks.js';

/** The row of connections that ended before anybody knew whose they were; shown where something was counted. */
export const anonymousRow = 0;
/** The row that clients share who have no series of their own; shown from the first of them on. */
export const sharedRow = 1;

const firstClientRow = 2;
const anonymousLabel = Buffer.from(labelPair('client_id', '_none'));
const sharedLabel = Buffer.from(labelPair('client_id', '_other'));

/** A row that is shown. */
interface Row {
  readonly label: Uint8Array;
  /** The how manieth row it was that came to be, from 1. */
  readonly born: number;
}

/** All declared metrics with their values, and the rows of the clients that have series. */
export class Registry {
  readonly #families: Readonly<Record<MetricKey, Family>>;
  readonly #blocks = new Map<Family, RowBlocks>();
  readonly #rowOfClient = new Map<string, number>();
  readonly #rows = new Map<number, Row>();
  readonly #freeRows: number[] = [];
  #nextRow = firstClientRow;
  #births = 0;
  /** `born` of the row of nobody; 0: nothing was ever counted in it. */
  #anonymousBorn = 0;

  /** `constants` are the values of labels that are known at the start. */
  constructor(constants: Readonly<Record<string, string>> = {}) {
    this.#families = Object.fromEntries(
      Object.entries(contract).map(([key, declaration]) => [key, new Family(declaration, constants)]),
    ) as Record<MetricKey, Family>;
    for (const family of Object.values(this.#families)) {
      if (family.perClient) this.#blocks.set(family, new RowBlocks(family));
    }
  }

  family(key: MetricKey): Family {
    return this.#families[key];
  }

  /** The client's row; all its series begin at 0 with the first call. */
  clientRow(clientId: string): number {
    const known = this.#rowOfClient.get(clientId);
    if (known !== undefined) return known;
    const row = this.#freeRows.pop() ?? this.#nextRow++;
    this.#rowOfClient.set(clientId, row);
    this.#show(row, Buffer.from(labelPair('client_id', clientId)));
    return row;
  }

  /** Shows the series of `_other` from now on. */
  showShared(): void {
    if (!this.#rows.has(sharedRow)) this.#show(sharedRow, sharedLabel);
  }

  /** Removes all series of a client. */
  removeClient(clientId: string): void {
    const row = this.#rowOfClient.get(clientId);
    if (row === undefined) return;
    this.#rowOfClient.delete(clientId);
    this.#rows.delete(row);
    for (const family of this.#blocks.keys()) family.clearRow(row);
    this.#freeRows.push(row);
  }

  /** Clients with series of their own. */
  get clientCount(): number {
    return this.#rowOfClient.size;
  }

  /** Series of a rendering made now. */
  get seriesCount(): number {
    let count = 0;
    for (const family of Object.values(this.#families)) {
      const rows = family.perClient ? this.#rows.size + (showsAnonymous(family) ? 1 : 0) : 1;
      count += family.seriesPerRow * rows;
    }
    return count;
  }

  /** All values as they are now; what changes later does not show in it. */
  capture(): Rendering {
    const labels: (Uint8Array | null)[] = new Array<null>(this.#nextRow).fill(null);
    const bornAs: number[] = new Array<number>(this.#nextRow).fill(0);
    for (const [row, { label, born }] of this.#rows) {
      labels[row] = label;
      bornAs[row] = born;
    }
    const withAnonymous = labels.with(anonymousRow, anonymousLabel);
    const families = Object.values(this.#families).map((family): CapturedFamily => {
      const values = family.capture(this.#nextRow);
      const blocks = this.#blocks.get(family);
      if (blocks === undefined) return { family, values, clients: null };
      if (!showsAnonymous(family)) return { family, values, clients: { labels, blocks } };
      if (this.#anonymousBorn === 0) this.#anonymousBorn = ++this.#births;
      return { family, values, clients: { labels: withAnonymous, blocks } };
    });
    bornAs[anonymousRow] = this.#anonymousBorn;
    return new Rendering(families, bornAs, this.#births);
  }

  /** Everything in text format 0.0.4, at once. */
  render(): string {
    return Buffer.concat([...this.capture().chunks()]).toString('utf8');
  }

  #show(row: number, label: Uint8Array): void {
    this.#rows.set(row, { label, born: ++this.#births });
  }
}

function showsAnonymous(family: Family): boolean {
  return !family.isEmptyRow(anonymousRow);
}
