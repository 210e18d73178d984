import { contract, type MetricKey } from './contract.js';
import { labelPair } from './exposition.js';
import { Family } from './family.js';

/** The row of connections that ended before anybody knew whose they were; shown where something was counted. */
export const anonymousRow = 0;
const anonymousLabel = labelPair('client_id', '_none');

/** All declared metrics with their values, and the rows of the clients that have series. */
export class Registry {
  readonly #families: Readonly<Record<MetricKey, Family>>;
  readonly #rowOfClient = new Map<string, number>();
  readonly #labelOfRow = new Map<number, string>();
  readonly #freeRows: number[] = [];
  #nextRow = anonymousRow + 1;

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
    this.#labelOfRow.set(row, labelPair('client_id', clientId));
    return row;
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

  get clientCount(): number {
    return this.#rowOfClient.size;
  }

  /** Everything in text format 0.0.4. */
  render(): string {
    const text: string[] = [];
    for (const family of Object.values(this.#families)) {
      const withAnonymous = family.perClient && !family.isEmptyRow(anonymousRow);
      family.render(
        text,
        withAnonymous ? new Map([[anonymousRow, anonymousLabel], ...this.#labelOfRow]) : this.#labelOfRow,
      );
    }
    return text.join('');
  }
}
