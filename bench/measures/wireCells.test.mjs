import { expect, it } from 'vitest';
import { cellsOf, loadOf, nameOf, wireArguments } from './wireCells.mjs';

const all = cellsOf('all');

it('calls no two cells the same', () => {
  expect(new Set(all.map(nameOf)).size).toBe(all.length);
});

it('counts each of several rates equally long', () => {
  const changing = all.filter(({ mbit }) => mbit.length > 1);
  expect(changing.length).toBeGreaterThan(0);
  for (const cell of changing) {
    const args = wireArguments(cell, 1);
    const turnMs = cell.mbit.length * Number(args[args.indexOf('--rate-step') + 1]);
    expect((loadOf(cell).seconds * 1000) % turnMs).toBe(0);
  }
});

it('has a queue of so many products of rate and round trip', () => {
  const cell = { rttMs: 20, mbit: [100], bdp: 4, lossPercent: 1, burst: 5, reorderPercent: 0 };
  expect(wireArguments(cell, 3)).toEqual([
    ...['--rate', '100', '--rate-step', '500', '--delay', '10', '--queue', '1000000'],
    ...['--loss', '1', '--burst', '5', '--reorder', '0', '--seed', '3'],
  ]);
});
