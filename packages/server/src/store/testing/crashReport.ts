import { mkdirSync, writeFileSync } from 'node:fs';

/** What a crash test found. */
export interface CrashSummary {
  readonly crashes: number;
  readonly acknowledged: number;
  readonly found: number;
}

const folder = new URL('../../../../../.cache/test/', import.meta.url);

/** Keeps the summary where the logs of the last test run are. */
export function reportCrashes(name: string, { crashes, acknowledged, found }: CrashSummary): void {
  mkdirSync(folder, { recursive: true });
  const text = `${name}: ${crashes} crashes, ${acknowledged} writes acknowledged, ${found} found afterwards\n`;
  writeFileSync(new URL(`crash-${name}.txt`, folder), text);
}
