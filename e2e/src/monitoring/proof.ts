import { mkdir, writeFile } from 'node:fs/promises';
import { inRepository } from '../repository.js';

/** One thing that was provoked, and what Prometheus then said. */
interface Row {
  readonly metric: string;
  readonly event: string;
  readonly expected: string;
  readonly scraped: string;
}

/** What a suite found, kept as a table for people: `.cache/test/NAME.md`. */
export class Proof {
  private readonly rows: Row[] = [];

  constructor(private readonly name: string) {}

  add(metric: string, event: string, expected: number | string, scraped: number | string): void {
    this.rows.push({ metric, event, expected: text(expected), scraped: text(scraped) });
  }

  async write(): Promise<void> {
    const lines = this.rows.map((row) => `| ${Object.values(row).join(' | ')} |`);
    const table = ['| metric or query | event | expected | scraped |', '|---|---|---|---|', ...lines, ''];
    await mkdir(inRepository('.cache', 'test'), { recursive: true });
    await writeFile(inRepository('.cache', 'test', `${this.name}.md`), table.join('\n'));
  }
}

function text(value: number | string): string {
  return typeof value === 'number'
    ? String(Number(value.toPrecision(6)))
    : value.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
