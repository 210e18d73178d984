import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inRepository } from '../bootstrap/repository.mjs';
import { safetyRuns } from './runs.mjs';

const runs = safetyRuns({ seconds: 7, runtime: '/usr/lib/libasan.so' });

it('runs every fuzz target that there is, as long as was asked for', () => {
  const [, ...targets] = runs['fuzz']?.steps ?? [];
  const sources = readdirSync(inRepository('engine', 'fuzz', 'fuzz_targets'));
  expect(targets.map(({ program }) => `${program.split('/').at(-1)}.rs`).sort()).toEqual(sources.sort());
  expect(targets.every(({ args }) => args.includes('-max_total_time=7'))).toBe(true);
});

it('gives Node.js the engine that was built the step before', () => {
  const [build, test] = runs['native']?.steps ?? [];
  expect(test?.env['MASQUE_VPN_ENGINE']).toContain(build?.env['CARGO_TARGET_DIR']);
  expect(test?.env['LD_PRELOAD']).toBe('/usr/lib/libasan.so');
});

it('names only modules and tests of the engine that exist', () => {
  const folder = inRepository('engine', 'dataplane', 'src');
  const modules = readdirSync(folder).map((file) => file.replace(/\.rs$/, ''));
  const filters = (runs['miri']?.steps ?? []).flatMap(({ args }) => args.filter((arg) => arg.includes('::')));
  expect(filters.filter((filter) => !modules.includes(filter.split('::')[0] ?? ''))).toEqual([]);
  expect(readFileSync(`${folder}/engine/tests/allocations.rs`, 'utf8')).toContain(
    'fn a_packet_takes_no_memory_of_ours',
  );
});
