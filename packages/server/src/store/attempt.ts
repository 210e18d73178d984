import { fail, type Result } from '@masque-vpn/protocol';
import type { Repositories } from './repositories.js';
import type { Store } from './store.js';

/**
 * Like `Store.atomically`, for work whose expected failure is a value: nothing of what it did before remains.
 * Throws `StoreError`.
 */
export async function attempt<T, Failure>(
  store: Pick<Store, 'atomically'>,
  work: (repositories: Repositories) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  // A transaction is undone by an exception only; this one never leaves here.
  const undone: { failure: Failure }[] = [];
  const undo = new Error('undo');
  try {
    return await store.atomically(async (repositories) => {
      const outcome = await work(repositories);
      if (outcome.ok) return outcome;
      undone.push({ failure: outcome.error });
      throw undo;
    });
  } catch (error) {
    // A transaction may be run more than once.
    const last = undone.at(-1);
    if (error === undo && last !== undefined) return fail(last.failure);
    throw error;
  }
}
