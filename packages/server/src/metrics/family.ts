import type { MetricDeclaration } from './contract.js';
import { familyHeader, joinPairs, labelPair, sampleValue } from './exposition.js';

/**
 * The values of one metric as float64 columns: a row per client (one row without that label), in a row one
 * cell per combination of the fixed labels, in a cell one number, or a histogram's bins and sum. Text that
 * does not change between renderings is made once.
 */
export class Family {
  readonly perClient: boolean;
  readonly #declaration: MetricDeclaration;
  readonly #header: string;
  /** `method="CONNECT",status="failed"`, one per combination. */
  readonly #cellLabels: readonly string[];
  readonly #bounds: readonly number[] | null;
  readonly #boundLabels: readonly string[];
  /** Numbers in one cell: 1, or one bin per bound, one above, and the sum. */
  readonly #width: number;
  #values: Float64Array;

  /** `constants` are the values of the labels that are known at the start. */
  constructor(declaration: MetricDeclaration, constants: Readonly<Record<string, string>> = {}) {
    this.#declaration = declaration;
    this.#header = familyHeader(declaration.name, declaration.type, declaration.help);
    this.perClient = Object.values(declaration.labels).includes('perClient');
    this.#cellLabels = combinations(declaration, constants);
    this.#bounds = declaration.buckets ?? null;
    this.#boundLabels = [...(this.#bounds ?? []), Number.POSITIVE_INFINITY].map((bound) =>
      labelPair('le', sampleValue(bound)),
    );
    this.#width = this.#bounds === null ? 1 : this.#bounds.length + 2;
    this.#values = new Float64Array(this.#rowWidth);
  }

  get #rowWidth(): number {
    return this.#cellLabels.length * this.#width;
  }

  /** Index of a combination of fixed label values, in the order of the declaration; throws on an undeclared one. */
  cell(...values: readonly string[]): number {
    const fixed = Object.entries(this.#declaration.labels).filter(([, allowed]) => Array.isArray(allowed));
    const wanted = fixed.map(([name], index) => labelPair(name, values[index] ?? '')).join(',');
    const index = this.#cellLabels.indexOf(wanted);
    if (index < 0) throw new RangeError(`${this.#declaration.name} has no series {${wanted}}`);
    return index;
  }

  set(value: number, cell = 0, row = 0): void {
    this.#values[this.#offset(row, cell)] = value;
  }

  add(amount: number, cell = 0, row = 0): void {
    const offset = this.#offset(row, cell);
    this.#values[offset] = (this.#values[offset] ?? 0) + amount;
  }

  get(cell = 0, row = 0): number {
    return this.#values[this.#offset(row, cell)] ?? 0;
  }

  /** Counts one observation of a histogram. */
  observe(value: number, cell = 0, row = 0): void {
    const bounds = this.#bounds ?? [];
    const found = bounds.findIndex((bound) => value <= bound);
    this.addBin(found < 0 ? bounds.length : found, 1, cell, row);
    this.addSum(value, cell, row);
  }

  /** Adds observations to bin `bin` (not cumulative; the last one is unbounded) without touching the sum. */
  addBin(bin: number, count: number, cell = 0, row = 0): void {
    const offset = this.#offset(row, cell) + bin;
    this.#values[offset] = (this.#values[offset] ?? 0) + count;
  }

  addSum(amount: number, cell = 0, row = 0): void {
    const offset = this.#offset(row, cell) + this.#width - 1;
    this.#values[offset] = (this.#values[offset] ?? 0) + amount;
  }

  /** Forgets what a row held. */
  clearRow(row: number): void {
    this.#values.fill(0, row * this.#rowWidth, (row + 1) * this.#rowWidth);
  }

  /** Whether nothing was ever counted in a row. */
  isEmptyRow(row: number): boolean {
    for (let index = row * this.#rowWidth; index < (row + 1) * this.#rowWidth; index += 1) {
      if ((this.#values[index] ?? 0) !== 0) return false;
    }
    return true;
  }

  /** Adds this family's text; `rows` are the clients' rows with their label pairs, in order. */
  render(into: string[], rows: ReadonlyMap<number, string>): void {
    into.push(this.#header);
    if (!this.perClient) this.#renderRow(into, 0, '');
    else for (const [row, label] of rows) this.#renderRow(into, row, label);
  }

  #renderRow(into: string[], row: number, clientLabel: string): void {
    const { name } = this.#declaration;
    this.#cellLabels.forEach((cellLabels, cell) => {
      const offset = this.#offset(row, cell);
      const pairs = joinPairs(clientLabel, cellLabels);
      const labels = pairs === '' ? '' : `{${pairs}}`;
      if (this.#bounds === null) {
        into.push(`${name}${labels} ${sampleValue(this.#values[offset] ?? 0)}\n`);
        return;
      }
      const bucket = `${name}_bucket{${pairs === '' ? '' : `${pairs},`}`;
      let count = 0;
      for (let bin = 0; bin < this.#boundLabels.length; bin += 1) {
        count += this.#values[offset + bin] ?? 0;
        into.push(`${bucket}${this.#boundLabels[bin] ?? ''}} ${sampleValue(count)}\n`);
      }
      const sum = this.#values[offset + this.#width - 1] ?? 0;
      into.push(
        `${name}_sum${labels} ${sampleValue(sum)}\n`,
        `${name}_count${labels} ${sampleValue(count)}\n`,
      );
    });
  }

  #offset(row: number, cell: number): number {
    const needed = (row + 1) * this.#rowWidth;
    if (needed > this.#values.length) {
      const grown = new Float64Array(Math.max(needed, this.#values.length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    return row * this.#rowWidth + cell * this.#width;
  }
}

/** Label text of every combination of the fixed labels, the last label varying fastest. */
function combinations(
  { labels, combinations: existing }: MetricDeclaration,
  constants: Readonly<Record<string, string>>,
): readonly string[] {
  const names = Object.keys(labels);
  if (existing !== undefined) {
    return existing.map((values) => values.map((value, at) => labelPair(names[at] ?? '', value)).join(','));
  }
  let texts = [''];
  for (const [name, values] of Object.entries(labels)) {
    if (values === 'perClient') continue;
    const allowed = values === 'atStart' ? [constants[name] ?? ''] : values;
    texts = texts.flatMap((text) => allowed.map((value) => joinPairs(text, labelPair(name, value))));
  }
  return texts;
}
