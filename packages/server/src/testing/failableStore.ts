import type { Store } from '../store/store.js';
import type { StoreError } from '../store/storeError.js';

const repositories: readonly (string | symbol)[] = [
  'clients',
  'certificates',
  'leases',
  'sessionHistory',
  'settings',
] satisfies readonly (keyof Store)[];

/** What a test does to the store. */
export interface Trouble {
  /** Every query fails with it; null: none does. */
  readonly failure: () => StoreError | null;
  /** Queries of a repository wait for it first, if there is one. */
  readonly pause: (repository: string | symbol) => Promise<void> | undefined;
}

/** The same store in trouble. */
export function failableStore(store: Store, trouble: Trouble): Store {
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === 'available') return trouble.failure() === null && target.available;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value === 'function') return value.bind(target);
      return repositories.includes(name)
        ? failableRepository(value as object, trouble, () => trouble.pause(name))
        : value;
    },
  });
}

function failableRepository(
  repository: object,
  trouble: Trouble,
  pause: () => Promise<void> | undefined,
): unknown {
  return new Proxy(repository, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...parameters: unknown[]): Promise<unknown> => {
        await pause();
        const error = trouble.failure();
        if (error !== null) throw error;
        return (await value.apply(target, parameters)) as unknown;
      };
    },
  });
}
