import { systemActor } from '../../audit/actor.js';
import type { Store } from '../store.js';
import { StoreError } from '../storeError.js';

/**
 * Writes in every way the server does: single statements, transactions of several tables, batches of leases. `id` names
 * what is written. When the promise settles, the store has acknowledged all of it.
 */
export async function writeOnce(store: Store, id: string): Promise<void> {
  const now = Date.now();
  await store.settings.set(`single ${id}`, id);
  await store.atomically(async ({ settings, audit, clients }) => {
    await settings.set(`transaction ${id}`, id);
    await clients.create({ slug: `c-${id}`, now });
    await audit.insert({ actor: systemActor, action: 'crash.write', targetKind: 'write', target: id, now });
  });
}

/** Whether everything that {@link writeOnce} wrote is there; `half` when a transaction is there in part. */
export async function isWritten(store: Store, id: string): Promise<'whole' | 'half' | 'missing'> {
  const single = await store.settings.get(`single ${id}`);
  const transaction = await store.settings.get(`transaction ${id}`);
  const client = await store.clients.findBySlug(`c-${id}`);
  const [entry] = await store.audit.list({ targetKind: 'write', target: id, limit: 1 });
  const parts = [transaction === id, client !== null, entry !== undefined];
  if (parts.includes(true) && parts.includes(false)) return 'half';
  return single === id && parts.every(Boolean) ? 'whole' : 'missing';
}

/**
 * Several writers side by side until aborted; each acknowledged id is handed over. A refused write is tried under a new
 * id.
 */
export async function writeUntil(
  store: Store,
  signal: AbortSignal,
  prefix: string,
  acknowledged: (id: string) => void,
): Promise<void> {
  const writer = async (name: string): Promise<void> => {
    for (let number = 0; !signal.aborted; number += 1) {
      const id = `${prefix}-${name}-${number}`;
      try {
        await writeOnce(store, id);
        acknowledged(id);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  };
  await Promise.all(['a', 'b', 'c', 'd'].map(writer));
}
