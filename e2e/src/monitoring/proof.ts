import { mkdir, writeFile } from 'node:fs/promises';
import { inRepository } from '../repository.js';

/** What a suite found, kept as tables for people: `.cache/test/NAME.md`. */
export class Proof {
  private readonly rows: (readonly string[])[] = [];

  constructor(
    private readonly name: string,
    private readonly columns: readonly string[] = ['metric or query', 'event', 'expected', 'scraped'],
  ) {}

  add(...cells: readonly (number | string)[]): void {
    this.rows.push(cells.map(text));
  }

  /** First cells so far. */
  get subjects(): readonly string[] {
    return this.rows.map(([subject = '']) => subject);
  }

  async write(): Promise<void> {
    const lines = [this.columns, this.columns.map(() => '---'), ...this.rows];
    const table = lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
    await mkdir(inRepository('.cache', 'test'), { recursive: true });
    await writeFile(inRepository('.cache', 'test', `${this.name}.md`), table);
  }
}

function text(value: number | string): string {
  return typeof value === 'number'
    ? String(Number(value.toPrecision(6)))
    : value.replaceAll('masque_vpn_', '').replaceAll('|', '\\|').replaceAll('\n', ' ');
}
