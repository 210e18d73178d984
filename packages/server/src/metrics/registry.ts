import { contract, type MetricKey } from './contract.js';
import { labelPair } from './exposition.js';
import { Family } from './family.js';
import { Rendering } from './rendering.js';

/** The row of connections that ended before anybody knew whose they were; shown where something was counted. */
export const anonymousRow = 0;
/** The row that clients share who have no series of their own; shown from the first of them on. */
export const sharedRow = 1;

const firstClientRow = 2;
const anonymousLabel = Buffer.from(labelPair('client_id', '_none'));
const sharedLabel = Buffer.from(labelPair('client_id', '_other'));

/** All declared metrics with their values, and the rows of the clients that have series. */
export class Registry {
  readonly #families: Readonly<Record<MetricKey, Family>>;
  readonly #rowOfClient = new Map<string, number>();
  readonly #labelOfRow = new Map<number, Uint8Array>();
  readonly #freeRows: number[] = [];
  #nextRow = firstClientRow;

  /** `constants` are the values of labels that are known at the start. */
  constructor(constants: Readonly<Record<string, string>> = {}) {
    this.#families = Object.fromEntries(
      Object.entries(contract).map(([key, declaration]) => [key, new Family(declaration, constants)]),
    ) as Record<MetricKey, Family>;
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
    this.#labelOfRow.set(row, Buffer.from(labelPair('client_id', clientId)));
    return row;
  }

  /** Shows the series of `_other` from now on. */
  showShared(): void {
    this.#labelOfRow.set(sharedRow, sharedLabel);
  }

  /** Removes all series of a client. */
  removeClient(clientId: string): void {
    const row = this.#rowOfClient.get(clientId);
    if (row === undefined) return;
    this.#rowOfClient.delete(clientId);
    this.#labelOfRow.delete(row);
    for (const family of Object.values(this.#families)) if (family.perClient) family.clearRow(row);
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
      const rows = family.perClient ? this.#labelOfRow.size + (this.#showsAnonymous(family) ? 1 : 0) : 1;
      count += family.seriesPerRow * rows;
    }
    return count;
  }

  /** All values as they are now; what changes later does not show in it. */
  capture(): Rendering {
    const rows = [...this.#labelOfRow.keys()];
    const labels = [...this.#labelOfRow.values()];
    const families = Object.values(this.#families).map((family) => ({
      family,
      values: family.capture(this.#nextRow),
      anonymous: this.#showsAnonymous(family) ? { row: anonymousRow, label: anonymousLabel } : null,
    }));
    return new Rendering(families, rows, labels);
  }

  /** Everything in text format 0.0.4, at once. */
  render(): string {
    return Buffer.concat([...this.capture().chunks()]).toString('utf8');
  }

  #showsAnonymous(family: Family): boolean {
    return family.perClient && !family.isEmptyRow(anonymousRow);
  }
}
