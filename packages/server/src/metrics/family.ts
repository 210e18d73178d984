import type { MetricDeclaration } from './contract.js';
import { familyHeader, joinPairs, labelPair, sampleValue } from './exposition.js';
import type { TextBlock } from './textBlock.js';

/** What does not change of one line: the client's label comes between the two. */
interface Line {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

const nothing = new Uint8Array(0);

/**
 * The values of one metric as float64 columns: a row per client (one row without that label), in a row one
 * cell per combination of the fixed labels, in a cell one number, or a histogram's bins and sum. Text that
 * does not change between renderings is made once, as bytes.
 */
export class Family {
  readonly perClient: boolean;
  /** Numbers in one row of captured values. */
  readonly rowWidth: number;
  readonly #declaration: MetricDeclaration;
  readonly #header: Uint8Array;
  /** `method="CONNECT",status="failed"`, one per combination. */
  readonly #cellLabels: readonly string[];
  readonly #bounds: readonly number[] | null;
  /** Numbers in one cell: 1, or one bin per bound, one above, and the sum. */
  readonly #width: number;
  /** Of one row: of each cell one line; of a histogram's the buckets', the sum's and the count's. */
  readonly #lines: readonly Line[];
  #values: Float64Array;

  /** `constants` are the values of the labels that are known at the start. */
  constructor(declaration: MetricDeclaration, constants: Readonly<Record<string, string>> = {}) {
    this.#declaration = declaration;
    this.#header = Buffer.from(familyHeader(declaration.name, declaration.type, declaration.help));
    this.perClient = Object.values(declaration.labels).includes('perClient');
    this.#cellLabels = combinations(declaration, constants);
    this.#bounds = declaration.buckets ?? null;
    this.#width = this.#bounds === null ? 1 : this.#bounds.length + 2;
    this.rowWidth = this.#cellLabels.length * this.#width;
    this.#lines = this.#cellLabels.flatMap((cellLabels) => this.#linesOf(cellLabels));
    this.#values = new Float64Array(this.rowWidth);
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
    this.#values.fill(0, row * this.rowWidth, (row + 1) * this.rowWidth);
  }

  /** Whether nothing was ever counted in a row. */
  isEmptyRow(row: number): boolean {
    for (let index = row * this.rowWidth; index < (row + 1) * this.rowWidth; index += 1) {
      if ((this.#values[index] ?? 0) !== 0) return false;
    }
    return true;
  }

  /** Series of one row; a histogram has one per bucket, its sum and its count. */
  get seriesPerRow(): number {
    return this.#lines.length;
  }

  /** A copy of rows 0 to `rows` − 1, or of the only row. */
  capture(rows: number): Float64Array {
    const captured = new Float64Array(this.perClient ? rows * this.rowWidth : this.rowWidth);
    captured.set(this.#values.subarray(0, captured.length));
    return captured;
  }

  /** Writes `# HELP` and `# TYPE`. */
  writeHeader(into: TextBlock): void {
    into.bytes(this.#header);
  }

  /** Writes the lines of one row of captured values; `clientLabel` is empty without that label. */
  writeRow(into: TextBlock, values: Float64Array, row: number, clientLabel: Uint8Array = nothing): void {
    const base = row * this.rowWidth;
    if (this.#bounds === null) {
      for (let cell = 0; cell < this.#lines.length; cell += 1) {
        this.#writeLine(into, cell, clientLabel, values[base + cell] ?? 0);
      }
      return;
    }
    const bins = this.#width - 1;
    let line = 0;
    for (let offset = base; offset < base + this.rowWidth; offset += this.#width) {
      let count = 0;
      for (let bin = 0; bin < bins; bin += 1) {
        count += values[offset + bin] ?? 0;
        this.#writeLine(into, line++, clientLabel, count);
      }
      this.#writeLine(into, line++, clientLabel, values[offset + bins] ?? 0);
      this.#writeLine(into, line++, clientLabel, count);
    }
  }

  #writeLine(into: TextBlock, index: number, clientLabel: Uint8Array, value: number): void {
    const line = this.#lines[index];
    if (line === undefined) return;
    into.bytes(line.head);
    into.bytes(clientLabel);
    into.bytes(line.tail);
    into.number(value);
    into.lineFeed();
  }

  #linesOf(cellLabels: string): readonly Line[] {
    const { name } = this.#declaration;
    if (this.#bounds === null) return [this.#line(name, cellLabels)];
    const buckets = [...this.#bounds, Number.POSITIVE_INFINITY].map((bound) =>
      this.#line(`${name}_bucket`, joinPairs(cellLabels, labelPair('le', sampleValue(bound)))),
    );
    return [...buckets, this.#line(`${name}_sum`, cellLabels), this.#line(`${name}_count`, cellLabels)];
  }

  #line(name: string, labels: string): Line {
    if (this.perClient) {
      return { head: Buffer.from(`${name}{`), tail: Buffer.from(labels === '' ? '} ' : `,${labels}} `) };
    }
    return { head: Buffer.from(labels === '' ? `${name} ` : `${name}{${labels}} `), tail: nothing };
  }

  #offset(row: number, cell: number): number {
    const needed = (row + 1) * this.rowWidth;
    if (needed > this.#values.length) {
      const grown = new Float64Array(Math.max(needed, this.#values.length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    return row * this.rowWidth + cell * this.#width;
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
