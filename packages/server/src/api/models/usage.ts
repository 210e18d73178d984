import { z } from 'zod';
import { pageModel, PageQuery } from '../page.js';
import { ClientIdSchema } from './identifiers.js';

const amount = {
  /** Inner traffic from the client. */
  bytesIn: z.number().nonnegative(),
  packetsIn: z.number().nonnegative(),
  /** Inner traffic to the client. */
  bytesOut: z.number().nonnegative(),
  packetsOut: z.number().nonnegative(),
  /** Sessions that began. */
  sessions: z.int().nonnegative(),
};

/** `2026-02-28`, UTC. */
export const DayText = z.iso.date();

/** `2026-02`, UTC. */
export const MonthText = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'must be a month, YYYY-MM');

/** One client's traffic on one day. */
export const DailyUsageModel = z.object({ clientId: ClientIdSchema, day: DayText, ...amount });
export type DailyUsageModel = z.infer<typeof DailyUsageModel>;

/** Answer of `GET /api/v1/clients/:id/usage`, in order of day. */
export const DailyUsageListModel = z.object({
  items: z.array(DailyUsageModel),
  nextCursor: z.null(),
});

/** One client's traffic in one month. */
export const MonthlyUsageModel = z.object({
  clientId: ClientIdSchema,
  month: MonthText,
  ...amount,
  /** What it may move in a month by now, its groups included; null: as much as it likes, or it is gone. */
  monthlyQuotaBytes: z.number().nonnegative().nullable(),
});
export type MonthlyUsageModel = z.infer<typeof MonthlyUsageModel>;

/** Answer of `GET /api/v1/usage`, in order of client. */
export const MonthlyUsageListModel = pageModel(MonthlyUsageModel);

/** Query of `GET /api/v1/usage`; the month is the current one unless named. */
export const UsageQuery = PageQuery.extend({ month: MonthText.optional() });
export type UsageQuery = z.output<typeof UsageQuery>;

/** Query of `GET /api/v1/clients/:id/usage`: days, both included; the last 31 unless named. */
export const ClientUsageQuery = z.strictObject({ from: DayText.optional(), to: DayText.optional() });
export type ClientUsageQuery = z.output<typeof ClientUsageQuery>;
