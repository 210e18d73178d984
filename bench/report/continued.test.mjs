import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readOptions } from '../options.mjs';
import { readContinued } from './continued.mjs';

const { effort } = readOptions(['--cells', 'few']);

/** @param {object} report */
function file(report) {
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-continued-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'run.json');
  writeFileSync(path, JSON.stringify(report));
  return path;
}

it('goes on with more rounds and other cells', () => {
  const path = file({ effort: { ...effort, rounds: 1 }, samples: [{ peer: 'masque-vpn' }] });
  expect(readContinued(path, { ...effort, cells: 'all' }).samples).toHaveLength(1);
});

it('refuses to mix loads of different lengths', () => {
  const path = file({ effort: { ...effort, rounds: 5 }, samples: [] });
  expect(() => readContinued(path, { ...effort, seconds: effort.seconds + 1 })).toThrow('was measured with');
});
