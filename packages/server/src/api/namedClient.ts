import { ok, type Result } from '@masque-vpn/protocol';
import { clientNotFound, type ClientFailure } from '../clients/clientFailure.js';
import type { ClientDirectory } from '../clients/directory.js';

/** The client that a query names, as repositories take it: nothing where it names none. Code: CLIENT_NOT_FOUND. */
export function namedClient(
  slug: string | undefined,
  directory: Pick<ClientDirectory, 'findBySlug'>,
): Result<{ readonly clientUuid?: string }, ClientFailure> {
  if (slug === undefined) return ok({});
  const client = directory.findBySlug(slug);
  return client === null ? clientNotFound(slug) : ok({ clientUuid: client.uuid });
}
