import type { operations } from '../../api/schema.d.ts';

/** What `GET /api/v1/clients` is asked for. */
export type ClientQuery = NonNullable<operations['listClients']['parameters']['query']>;

/** The list as its address tells it; the sorting is that of a new visitor. */
export const usualFilters = { q: '', group: '', state: 'all', sort: 'id', order: 'asc' } as const;

export type ClientFilters = Readonly<Record<keyof typeof usualFilters, string>>;

export const states = ['all', 'online', 'offline', 'disabled'] as const;
export const sorts = ['id', 'displayName', 'createdAt', 'expiresAt', 'lastConnectedAt'] as const;

/** Rows of one request; the API allows no more than 500. */
const pageSize = 200;

/** The request for a list; what an address says that makes no sense is as usual. */
export function clientQuery({ q, group, state, sort, order }: ClientFilters): ClientQuery {
  const text = q.trim().slice(0, 200);
  return {
    limit: pageSize,
    ...(text === '' ? {} : { q: text }),
    ...(/^[a-z0-9-]{1,63}$/.test(group) ? { group } : {}),
    ...(state === 'online' ? { online: 'true' } : {}),
    ...(state === 'offline' ? { online: 'false', enabled: 'true' } : {}),
    ...(state === 'disabled' ? { enabled: 'false' } : {}),
    sort: sorts.find((name) => name === sort) ?? 'id',
    order: order === 'desc' ? 'desc' : 'asc',
  };
}

/** What a press on a column's heading changes: the same again turns the order round. */
export function sortedBy(
  { sort, order }: ClientFilters,
  name: (typeof sorts)[number],
): Pick<ClientFilters, 'sort' | 'order'> {
  if (sort === name) return { sort, order: order === 'asc' ? 'desc' : 'asc' };
  // The latest is what one looks for first; names begin with A.
  return { sort: name, order: name === 'lastConnectedAt' || name === 'createdAt' ? 'desc' : 'asc' };
}
