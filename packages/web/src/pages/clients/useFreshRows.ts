import { useQueryClient, type InfiniteData } from '@tanstack/vue-query';
import { onUnmounted, toValue, type MaybeRefOrGetter } from 'vue';
import { answer, api, type Model } from '../../api/client.js';
import { ApiProblem } from '../../api/problem.js';
import { useLiveEvents } from '../../live/live.js';
import type { LiveEvent } from '../../live/stream.js';
import { withRow } from './rows.js';

type Pages = InfiniteData<Model<'ClientList'>, string | null>;

const everyMs = 1_000;
/** A list of at most this many pages is read again as a whole. */
const shortPages = 2;
/** Rows read again at once. */
const mostRows = 12;

export interface FreshRowsOptions {
  /** Key of the list's query. */
  readonly key: MaybeRefOrGetter<readonly unknown[]>;
  readonly pages: MaybeRefOrGetter<number>;
  /** Ids of the rows that can be seen. */
  readonly visible: () => readonly string[];
}

/**
 * Keeps a list of clients as events say. A short one is read again, so that rows come and go as its filters want; of a
 * long one only the rows that can be seen, as reading fifty pages a second would help nobody.
 */
export function useFreshRows({ key, pages, visible }: FreshRowsOptions): void {
  const queries = useQueryClient();
  const stale = new Set<string>();
  let dirty = false;

  const hear = ({ clientId }: LiveEvent): void => {
    dirty = true;
    if (clientId !== null) stale.add(clientId);
  };
  useLiveEvents('clients', hear);
  useLiveEvents('sessions', hear);

  const readRow = async (id: string): Promise<void> => {
    stale.delete(id);
    try {
      const client = await answer(api.GET('/api/v1/clients/{id}', { params: { path: { id } } }));
      put(id, client);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.code === 'CLIENT_NOT_FOUND') put(id, null);
      else stale.add(id);
    }
  };
  const put = (id: string, client: Model<'Client'> | null): void => {
    queries.setQueryData<Pages>(toValue(key), (data) =>
      data === undefined ? undefined : withRow(data, id, client),
    );
  };
  const timer = setInterval(() => {
    if (toValue(pages) <= shortPages) {
      stale.clear();
      if (dirty) void queries.invalidateQueries({ queryKey: toValue(key) });
    } else {
      const due = visible().filter((id) => stale.has(id));
      for (const id of due.slice(0, mostRows)) void readRow(id);
    }
    dirty = false;
  }, everyMs);
  onUnmounted(() => clearInterval(timer));
}
