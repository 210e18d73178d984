import type { SessionHistory } from '../store/sessionHistory.js';
import type { Store } from '../store/store.js';

/**
 * The session history as one of several servers on a database writes it: the others hear of each session that opened
 * or ended.
 *
 * @param server its id; null: it is the only one
 */
export function sharedHistory(
  store: Pick<Store, 'atomically' | 'sessionHistory'>,
  server: string | null,
): Pick<SessionHistory, 'record'> {
  if (server === null) return store.sessionHistory;
  return {
    record: async (notes) => {
      const news = notes.flatMap(([id, { opening, ending }]) =>
        opening === undefined && ending === undefined ? [] : [{ kind: 'history' as const, id }],
      );
      if (news.length === 0) return store.sessionHistory.record(notes);
      return store.atomically(async ({ sessionHistory, changes }) => {
        await sessionHistory.record(notes);
        await changes.publish(...news);
      });
    },
  };
}
