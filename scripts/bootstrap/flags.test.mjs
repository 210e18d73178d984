import { expect, it } from 'vitest';
import { HelpWanted, StepFailure } from './failure.mjs';
import { readFlags } from './flags.mjs';

/** @param {readonly string[]} args */
const read = (...args) =>
  readFlags(
    {
      name: 'npm run measure',
      about: 'Measures what there is.',
      flags: {
        rounds: { is: 'number', shown: 'N', default: 5, help: 'how often' },
        idle: { is: 'number', least: 0, shown: 'MS', help: 'between rounds' },
        json: { is: 'text', shown: 'FILE', help: 'for the figures' },
        quick: { is: 'switch', help: 'once' },
      },
      more: 'Measures: one, two',
    },
    args,
  );

it('gives what was asked for, and otherwise the defaults', () => {
  expect(read()).toEqual({ rounds: 5, idle: undefined, json: undefined, quick: false });
  expect(read('--rounds', '0.5', '--idle', '0', '--json', 'f', '--quick')).toEqual({
    rounds: 0.5,
    idle: 0,
    json: 'f',
    quick: true,
  });
});

it.for([
  { args: ['--roundz', '3'], reason: "Unknown option '--roundz'" },
  { args: ['--rounds'], reason: "Option '--rounds <value>' argument missing" },
  { args: ['fast'], reason: "Unexpected argument 'fast'" },
  { args: ['--rounds', '0'], reason: '--rounds 0: not a number above 0' },
  { args: ['--rounds', 'many'], reason: '--rounds many: not a number above 0' },
  { args: ['--idle=-1'], reason: '--idle -1: not a number from 0 on' },
])('refuses $args with its reason', ({ args, reason }) => {
  expect(() => read(...args)).toThrow(StepFailure);
  expect(() => read(...args)).toThrow(reason);
});

it('says how it is used, whatever else was asked for', () => {
  const help = [
    'npm run measure [-- FLAGS]',
    '',
    'Measures what there is.',
    '',
    '  --rounds N   how often (default: 5)',
    '  --idle MS    between rounds',
    '  --json FILE  for the figures',
    '  --quick      once',
    '',
    'Measures: one, two',
  ].join('\n');
  expect(() => read('--rounds', 'many', '--help')).toThrow(new HelpWanted(help));
});
