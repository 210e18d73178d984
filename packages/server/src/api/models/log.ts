import { z } from 'zod';
import { recordedLevels } from '../../process/logRing.js';
import { pageModel, PageQuery } from '../page.js';
import { ClientIdSchema, TimestampMs, UuidSchema } from './identifiers.js';
import { exactText } from './text.js';

/** One line of the log. */
export const LogEntryModel = z.object({
  atMs: TimestampMs,
  level: z.enum(recordedLevels),
  message: z.string(),
  clientId: z.string().nullable(),
  sessionId: z.string().nullable(),
  /** Everything else of the line. */
  fields: z.record(z.string(), z.unknown()),
});
export type LogEntryModel = z.infer<typeof LogEntryModel>;

/** Answer of `GET /api/v1/logs`, the newest first. */
export const LogListModel = pageModel(LogEntryModel);

/** Query of `GET /api/v1/logs`. */
export const LogListQuery = PageQuery.extend({
  /** This level and those that weigh more. */
  level: z.enum(recordedLevels).optional(),
  client: ClientIdSchema.optional(),
  session: UuidSchema.optional(),
  /** Part of the line. */
  q: exactText(200).optional(),
});
export type LogListQuery = z.output<typeof LogListQuery>;
