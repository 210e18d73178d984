import { useI18n } from 'vue-i18n';
import { useFormat } from '../../language/useFormat.js';
import type { GroupLimits } from './limits.js';

/** The limits of a group in a line; null: it has none. */
export function useLimitSummary(): (limits: GroupLimits) => string | null {
  const { t } = useI18n();
  const format = useFormat();
  return (limits) => {
    const { rate, bytes, number } = format.value;
    const parts: (string | null)[] = [
      limits.rateDownBytesPerSecond === null
        ? null
        : t('groups.summary.down', { rate: rate(limits.rateDownBytesPerSecond) }),
      limits.rateUpBytesPerSecond === null
        ? null
        : t('groups.summary.up', { rate: rate(limits.rateUpBytesPerSecond) }),
      limits.sharedRateDownBytesPerSecond === null && limits.sharedRateUpBytesPerSecond === null
        ? null
        : t('groups.summary.shared'),
      limits.monthlyQuotaBytes === null
        ? null
        : t('groups.summary.quota', { bytes: bytes(limits.monthlyQuotaBytes) }),
      limits.maxSessions === null
        ? null
        : t('groups.summary.sessions', { count: number(limits.maxSessions) }, limits.maxSessions),
      limits.routes === null ? null : t('groups.summary.routes'),
      limits.dns === null ? null : t('groups.summary.dns'),
    ];
    const said = parts.filter((part) => part !== null);
    return said.length === 0 ? null : said.join(' · ');
  };
}
