import { expect, test } from 'vitest';
import type { RuleContent } from '../store/rules.js';
import { LockOut } from './lockOut.js';
import { bookOf, ruleRecord } from './testing/memoryPolicy.js';

/** Codes of the warnings about rules; the administrators' clients are `root` and whoever is in `administrators`. */
async function warnings(
  rules: readonly Partial<RuleContent>[],
  through: string | null = null,
): Promise<string[]> {
  const book = await bookOf({ members: { anne: ['administrators'], carl: ['staff'], root: ['staff'] } });
  const lockOut = new LockOut({
    book,
    addressesOf: (name) => (name === 'known.example.org' ? ['192.0.2.1/32'] : []),
    partyOf: (clientUuid) => ({
      clientUuid,
      groups: new Set(book.groupsOf(clientUuid).map(({ uuid }) => uuid)),
    }),
    administratorsClients: () => Promise.resolve(new Set(['root'])),
  });
  const found = await lockOut.warnings(
    rules.map((rule, index) => ruleRecord(rule, index)),
    through,
  );
  return found.map(({ code }) => code);
}

const locked = ['ADMINISTRATORS_LOCKED_OUT'];
const denyAll: Partial<RuleContent> = { action: 'deny' };
const staff: Partial<RuleContent> = { subject: { kind: 'group', id: 'staff' } };

test.each<[string, readonly Partial<RuleContent>[], readonly string[]]>([
  ['no rule at all', [], locked],
  ['everybody may everything', [{}], []],
  ['one of the clients may something', [staff], []],
  ['nobody of them may anything', [{ subject: { kind: 'client', id: 'carl' } }], locked],
  ['all is denied before it is allowed', [denyAll, {}], locked],
  ['a rule that is off', [{ enabled: false }], locked],
  ['one port is enough', [{ protocol: 17, ports: [[53, 53]] }, denyAll], []],
  [
    'that one port is denied',
    [
      { ...denyAll, protocol: 17 },
      { protocol: 17, ports: [[53, 53]] },
    ],
    locked,
  ],
  ['a name', [{ destination: { kind: 'name', name: 'known.example.org' } }], []],
  ['a name that nobody knows', [{ destination: { kind: 'name', name: 'gone.example.org' } }], locked],
  ['another client', [{ ...staff, destination: { kind: 'client', id: 'carl' } }], []],
  ['hosts outside only', [{ subject: { kind: 'prefixes', prefixes: ['0.0.0.0/0'] } }], locked],
])('%s', async (_, rules, expected) => {
  expect(await warnings(rules)).toEqual(expected);
});

test('the client through which somebody asks counts as an administrator’s', async () => {
  const carl: Partial<RuleContent> = { subject: { kind: 'client', id: 'carl' } };
  expect(await warnings([carl], 'carl')).toEqual([]);
});
