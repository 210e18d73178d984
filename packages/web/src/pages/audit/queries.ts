import { answer, api, type Model } from '../../api/client.js';
import { usePages, type Pages } from '../../api/usePages.js';
import { queryOf, type AuditFilters } from './filters.js';

/** Entries that match, the newest first. */
export function useAuditEntries(filters: () => AuditFilters): Pages<Model<'AuditEntry'>> {
  return usePages(
    () => ['audit', filters()],
    (cursor, signal) =>
      answer(api.GET('/api/v1/audit', { params: { query: { ...queryOf(filters()), cursor } }, signal })),
  );
}
