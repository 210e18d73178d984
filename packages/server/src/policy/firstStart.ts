import type { Store } from '../store/store.js';
import { systemActor } from '../audit/actor.js';
import { defaultGroupSlug } from './joining.js';

/** Set once the first policy was made: whoever deletes it does not get it back with the next start. */
const madeKey = 'policy.made';

/**
 * Gives a database without any policy its first: one group of all clients there are, whose members may reach
 * everything but each other, as was so before there were policies. Throws `StoreError`.
 *
 * @param now UTC milliseconds
 */
export async function ensureFirstPolicy(store: Pick<Store, 'atomically'>, now: number): Promise<void> {
  await store.atomically(async ({ settings, groups, rules, audit }) => {
    // Two servers that start at once on one database wait for each other here.
    await rules.lock();
    if ((await settings.get(madeKey)) !== null) return;
    await settings.set(madeKey, String(Math.trunc(now)));
    const group = await groups.create({
      slug: defaultGroupSlug,
      displayName: 'Default',
      note: 'Clients that were put into no other group. They may reach everything but each other.',
      now,
    });
    if (group === null) return;
    await groups.addEveryClient(group.uuid, now);
    await rules.insert({
      enabled: true,
      action: 'allow',
      subject: { kind: 'group', id: group.uuid },
      destination: { kind: 'any' },
      protocol: 0,
      ports: [],
      note: null,
      position: 1,
      now,
    });
    const target = { actor: systemActor, targetKind: 'group', target: defaultGroupSlug, now };
    await audit.insert({ ...target, action: 'group.create' });
  });
}
