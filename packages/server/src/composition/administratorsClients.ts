import type { ClientDirectory } from '../clients/directory.js';
import type { Store } from '../store/store.js';

/** Administrators there may be for their clients to be looked for. */
const mostAdministrators = 500;

/** Clients (uuids) that administrators enrolled for themselves, by the identity they sign in with. */
export async function administratorsClients(
  store: Pick<Store, 'administrators'>,
  directory: Pick<ClientDirectory, 'all'>,
): Promise<ReadonlySet<string>> {
  const administrators = await store.administrators.list({ after: null, limit: mostAdministrators });
  const owners = new Set(
    administrators.flatMap(({ enabled, oidcIssuer, oidcSubject }) =>
      enabled && oidcIssuer !== null && oidcSubject !== null ? [`${oidcIssuer} ${oidcSubject}`] : [],
    ),
  );
  if (owners.size === 0) return new Set();
  const clients = new Set<string>();
  for (const { uuid, owner } of directory.all()) if (owner !== null && owners.has(owner)) clients.add(uuid);
  return clients;
}
