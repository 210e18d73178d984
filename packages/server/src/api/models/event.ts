import { z } from 'zod';
import type { Permission } from '../../administration/permissions.js';
import { topics, type Topic } from '../../events/liveEvent.js';
import { recordedLevels } from '../../process/logRing.js';
import { ClientIdSchema, UuidSchema } from './identifiers.js';
import { exactText } from './text.js';

/** Query of `GET /api/v1/events`. */
export const EventQuery = z.strictObject({
  /** Separated by commas. */
  topics: z
    .string()
    .max(200)
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(z.enum(topics)).min(1)),
  /** Only events about this client, or this session; those of the topic metrics are about nobody. */
  client: ClientIdSchema.optional(),
  session: UuidSchema.optional(),
  /** Of the topic logs: this level and those that weigh more. */
  level: z.enum(recordedLevels).default('info'),
  /** Where a caller cannot send Last-Event-ID. */
  lastEventId: exactText(100).optional(),
});
export type EventQuery = z.output<typeof EventQuery>;

/** What one must be allowed to read to listen to a topic. */
export const topicPermissions: Readonly<Record<Topic, Permission>> = {
  sessions: 'sessions:read',
  clients: 'clients:read',
  flows: 'flows:read',
  audit: 'audit:read',
  metrics: 'server:read',
  logs: 'logs:read',
};
