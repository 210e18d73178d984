import type { Draft, DraftRule } from './draft.js';

/** Raised whenever drafts look different: an old one is then forgotten. */
const format = 1;

/** What is not saved yet, kept in this tab: it outlives other pages and a reload, and is nobody else's. */
export class DraftStore {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #key: string;

  /** @param owner who is signed in: drafts of others are not theirs */
  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, owner: string) {
    this.#storage = storage;
    this.#key = `masque-vpn.ruleDraft.${owner}`;
  }

  /** Null: there is none that can be read. */
  load(): Draft | null {
    const text = this.#storage.getItem(this.#key);
    if (text === null) return null;
    try {
      const stored: unknown = JSON.parse(text);
      return isStored(stored) ? stored.draft : null;
    } catch {
      return null;
    }
  }

  /** A storage that is full keeps nothing; the draft is still on the page. */
  save(draft: Draft): void {
    try {
      this.#storage.setItem(this.#key, JSON.stringify({ format, draft }));
    } catch {
      this.clear();
    }
  }

  clear(): void {
    this.#storage.removeItem(this.#key);
  }
}

function isStored(value: unknown): value is { readonly draft: Draft } {
  if (!isObject(value) || value['format'] !== format || !isObject(value['draft'])) return false;
  const { version, base, rules } = value['draft'];
  return typeof version === 'number' && areRules(base) && areRules(rules);
}

function areRules(value: unknown): value is readonly DraftRule[] {
  return (
    Array.isArray(value) &&
    value.every(
      (rule: unknown) =>
        isObject(rule) &&
        typeof rule['key'] === 'string' &&
        (rule['id'] === null || typeof rule['id'] === 'string') &&
        isObject(rule['content']) &&
        isObject(rule['content']['subject']) &&
        isObject(rule['content']['destination']) &&
        Array.isArray(rule['content']['ports']),
    )
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
