import { z } from 'zod';
import { pageModel, PageQuery } from '../page.js';
import { TimestampMs } from './identifiers.js';

/** Addresses for clients of one family; beyond 2^53 `total` and `available` are rounded. */
const UsageModel = z.object({
  total: z.number(),
  /** Leased or in quarantine. */
  used: z.number(),
  quarantined: z.number(),
  available: z.number(),
});

/** One configured prefix and what is used of it. */
export const PoolModel = z.object({
  prefix: z.string(),
  /** Addresses that clients can have; beyond 2^53 rounded. */
  total: z.number(),
  leased: z.int(),
  quarantined: z.int(),
});

/** Answer of `GET /api/v1/pools`. */
export const PoolsModel = z.object({
  ipv4: z.object({ ...UsageModel.shape, gateway: z.string().nullable(), pools: z.array(PoolModel) }),
  ipv6: z.object({ ...UsageModel.shape, gateway: z.string().nullable(), pools: z.array(PoolModel) }),
});
export type PoolsModel = z.infer<typeof PoolsModel>;

export const leaseStates = ['leased', 'quarantined', 'free'] as const;

/** Who has an address on this server, or had it last. */
export const LeaseModel = z.object({
  address: z.string(),
  /** Null: of a client that was deleted. */
  clientId: z.string().nullable(),
  /** `free`: anybody's, but kept for the client as long as there are others. */
  state: z.enum(leaseStates),
  lastUsedAtMs: TimestampMs,
  /** When another client can have it; null but in quarantine. */
  quarantinedUntilMs: TimestampMs.nullable(),
});
export type LeaseModel = z.infer<typeof LeaseModel>;

/** Answer of `GET /api/v1/leases`, in order of address, IPv4 first. */
export const LeaseListModel = pageModel(LeaseModel);

/** Query of `GET /api/v1/leases`. */
export const LeaseQuery = PageQuery.extend({
  client: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/)
    .optional(),
  state: z.enum(leaseStates).optional(),
  family: z.enum(['4', '6']).optional(),
});
export type LeaseQuery = z.output<typeof LeaseQuery>;
