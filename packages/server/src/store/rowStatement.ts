import { CompiledQuery, type Kysely } from 'kysely';
import type { Database } from './schema.js';

/** Texts for more rows than this are not kept: such batches are rare, and their texts are long. */
const MOST_ROWS_KEPT = 32;

/** Stands for one value while the text of a statement is made. */
class Placeholder {
  readonly row: number;
  readonly column: string;

  constructor(row: number, column: string) {
    this.row = row;
    this.column = column;
  }
}

/**
 * A statement about several rows, such as an insert. Its text depends on their number alone and is made once for each
 * number, because making it takes longer than running it. For one kind of database: repositories have one each.
 */
export class RowStatement<Row extends object, Result = unknown> {
  readonly #columns: readonly (keyof Row & string)[];
  readonly #build: (database: Kysely<Database>, rows: readonly Row[]) => CompiledQuery<Result>;
  /** By number of rows. */
  readonly #texts = new Map<number, string>();

  /**
   * @param columns of each row, in the order in which their values appear in the statement
   * @param build compiles the statement; it may hand values on and may not look at them, and all of its parameters are
   *   values of rows
   */
  constructor(
    columns: readonly (keyof Row & string)[],
    build: (database: Kysely<Database>, rows: readonly Row[]) => CompiledQuery<Result>,
  ) {
    this.#columns = columns;
    this.#build = build;
  }

  /** What the statement returns; it must be about one row at least. */
  async execute(database: Kysely<Database>, rows: readonly Row[]): Promise<readonly Result[]> {
    const text = this.#text(database, rows.length);
    const parameters = rows.flatMap((row) => this.#columns.map((column) => row[column]));
    return (await database.executeQuery<Result>(CompiledQuery.raw(text, parameters))).rows;
  }

  #text(database: Kysely<Database>, count: number): string {
    const known = this.#texts.get(count);
    if (known !== undefined) return known;
    const rows = Array.from({ length: count }, (_, row) =>
      Object.fromEntries(this.#columns.map((column) => [column, new Placeholder(row, column)])),
    );
    const { sql, parameters } = this.#build(database, rows as Row[]);
    this.#assertInOrder(parameters, count);
    if (count <= MOST_ROWS_KEPT) this.#texts.set(count, sql);
    return sql;
  }

  /** A statement whose parameters come in another order would write values into wrong columns. */
  #assertInOrder(parameters: readonly unknown[], count: number): void {
    const width = this.#columns.length;
    const inOrder = parameters.every(
      (parameter, index) =>
        parameter instanceof Placeholder &&
        parameter.row === Math.floor(index / width) &&
        parameter.column === this.#columns[index % width],
    );
    if (!inOrder || parameters.length !== count * width) {
      throw new Error(`the parameters of a statement are not ${this.#columns.join(', ')} of each row`);
    }
  }
}
