import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import type { StoreError } from '../store/storeError.js';

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
      if (name === 'atomically') {
        return async <T>(work: (repositories: Repositories) => Promise<T>): Promise<T> => {
          throwIf(trouble.failure());
          return target.atomically((inside) => work(failableRepositories(inside, trouble)));
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value === 'function') return value.bind(target);
      return failableRepository(name, value, trouble);
    },
  });
}

function failableRepositories(repositories: Repositories, trouble: Trouble): Repositories {
  return new Proxy(repositories, {
    get: (target, name) => failableRepository(name, Reflect.get(target, name, target), trouble),
  });
}

/** Everything but what is no object of methods: `changes` keeps its subscriptions, which cannot fail. */
function failableRepository(name: string | symbol, repository: unknown, trouble: Trouble): unknown {
  if (typeof repository !== 'object' || repository === null || name === 'changes') return repository;
  return new Proxy(repository, {
    get(target, method): unknown {
      const value: unknown = Reflect.get(target, method, target);
      if (typeof value !== 'function') return value;
      return async (...parameters: unknown[]): Promise<unknown> => {
        await trouble.pause(name);
        throwIf(trouble.failure());
        return (await value.apply(target, parameters)) as unknown;
      };
    },
  });
}

function throwIf(error: StoreError | null): void {
  if (error !== null) throw error;
}
