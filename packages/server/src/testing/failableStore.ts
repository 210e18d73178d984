import type { Store } from '../store/store.js';
import type { StoreError } from '../store/storeError.js';

const repositories: readonly (string | symbol)[] = [
  'clients',
  'certificates',
  'leases',
  'sessionHistory',
  'settings',
] satisfies readonly (keyof Store)[];

/** The same store, whose queries all fail as long as `failure` says so. */
export function failableStore(store: Store, failure: () => StoreError | null): Store {
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === 'available') return failure() === null && target.available;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value === 'function') return value.bind(target);
      return repositories.includes(name) ? failableRepository(value as object, failure) : value;
    },
  });
}

function failableRepository(repository: object, failure: () => StoreError | null): unknown {
  return new Proxy(repository, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...parameters: unknown[]): Promise<unknown> => {
        const error = failure();
        if (error !== null) throw error;
        return (await value.apply(target, parameters)) as unknown;
      };
    },
  });
}
