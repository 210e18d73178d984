import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { sentenceOf, type AuditEntry } from './sentence.js';

const english = JSON.parse(await readFile(new URL('../../languages/en.json', import.meta.url), 'utf8')) as {
  readonly audit: { readonly said: Readonly<Record<string, string>> };
};
const known = (key: string): boolean => key in english.audit.said;

const entry = (action: string, detail: AuditEntry['detail'] = {}, target = 'alice'): AuditEntry => ({
  id: '1',
  atMs: 0,
  actor: { kind: 'administrator', name: 'ann', remoteAddress: null },
  action,
  target: { kind: 'client', id: target },
  detail,
});

test('a change of nothing but the switch is told as that', () => {
  const off = entry('client.update', { enabled: { from: true, to: false } });
  expect(sentenceOf(off, known)).toMatchObject({ key: 'client_update_off' });
  expect(sentenceOf(off, known).told).toContain('enabled');
  const more = entry('client.update', { enabled: { from: true, to: false }, note: { from: null, to: 'x' } });
  expect(sentenceOf(more, known)).toMatchObject({ key: 'client_update', told: [] });
});

test('a refused login of a name that does not exist names nobody', () => {
  const sentence = sentenceOf(entry('login.refuse', { wrong: 'name', lockedMs: 0 }, ''), known);
  expect(sentence.key).toBe('login_refuse_name');
});

test('what the sentence names is not told again', () => {
  const sentence = sentenceOf(entry('group.member.add', { client: 'bob' }), known);
  expect(sentence).toEqual({ key: 'group_member_add', parts: { client: 'bob' }, told: ['client'] });
});

test('an action of a later version is told by its name', () => {
  const sentence = sentenceOf(entry('spaceship.launch', { to: 'moon' }), known);
  expect(sentence).toEqual({ key: 'other', parts: { action: 'spaceship.launch' }, told: [] });
});

test('every part of a sentence is one that it is given', () => {
  const given = new Set(['actor', 'target', 'action', 'kind']);
  for (const text of Object.values(english.audit.said)) {
    const parts = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const named = ['client', 'prefix', 'address', 'publicPort', 'clientPort', 'name', 'host'];
    expect(parts.filter((name) => !given.has(name) && !named.includes(name))).toEqual([]);
  }
});

test('every action that the server records has a sentence', async () => {
  const root = new URL('../../../../server/src/', import.meta.url);
  const names = (await readdir(root, { recursive: true })).filter(
    (name) => /(?<!\.test)\.ts$/.test(name) && !name.includes('testing/'),
  );
  const sources = await Promise.all(names.map((name) => readFile(new URL(name, root), 'utf8')));
  const lines = sources
    .join('\n')
    .split('\n')
    .filter((line) => /action: |#audit\(|entryOf\(|recordOf\(|#record\(/.test(line));
  const actions = new Set(
    [...lines.join('\n').matchAll(/'([a-z]+(?:\.[a-z_]+){1,2})'/gi)].map(([, action = '']) =>
      action.replaceAll('.', '_'),
    ),
  );
  // The sources are read as text: fewer would mean that they are written differently by now.
  expect(actions.size).toBeGreaterThan(40);
  expect([...actions].filter((action) => !known(action))).toEqual([]);
});
