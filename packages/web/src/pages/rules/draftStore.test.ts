import { beforeEach, expect, test } from 'vitest';
import { draftOf } from './draft.js';
import { DraftStore } from './draftStore.js';

let kept: Map<string, string>;
let full: boolean;
const storage = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => {
    if (full) throw new DOMException('full', 'QuotaExceededError');
    kept.set(key, value);
  },
  removeItem: (key: string) => void kept.delete(key),
};
const draft = draftOf({
  version: 3,
  items: [
    {
      ...{
        id: 'a',
        number: 1,
        position: 1,
        enabled: true,
        action: 'allow',
        protocol: 'any',
        ports: [],
        note: null,
      },
      ...{ subject: { kind: 'everyone' }, destination: { kind: 'any' }, addresses: null },
      ...{ createdAtMs: 0, updatedAtMs: 0, version: 1 },
    },
  ],
});

beforeEach(() => {
  kept = new Map();
  full = false;
});

test('a draft is there again after a reload, for whoever made it', () => {
  new DraftStore(storage, 'alice').save(draft);
  expect(new DraftStore(storage, 'alice').load()).toEqual(draft);
  expect(new DraftStore(storage, 'bob').load()).toBeNull();
});

test('one that was saved or thrown away is gone', () => {
  const store = new DraftStore(storage, 'alice');
  store.save(draft);
  store.clear();
  expect(store.load()).toBeNull();
});

test('an old draft is never taken for the present one where there is no space', () => {
  const store = new DraftStore(storage, 'alice');
  store.save(draft);
  full = true;
  store.save({ ...draft, version: 4 });
  expect(store.load()).toBeNull();
});

test.each([
  'nonsense',
  'null',
  '{"format":0,"draft":{}}',
  '{"format":1,"draft":{"version":1,"base":[{}],"rules":[]}}',
])('%s is no draft', (text) => {
  kept.set('masque-vpn.ruleDraft.alice', text);
  expect(new DraftStore(storage, 'alice').load()).toBeNull();
});
