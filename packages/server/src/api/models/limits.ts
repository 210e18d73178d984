import { z } from 'zod';
import { AddressText, DnsNameText, PrefixText } from './network.js';

/** Bytes per second of inner traffic; below 1,000 nothing useful would pass. */
export const RateModel = z.int().min(1_000).max(1_000_000_000_000);

/** Name servers and search domains for a client: told by DNS_ASSIGN (draft-ietf-masque-connect-ip-dns-06), also while it is connected. */
export const DnsModel = z.strictObject({
  servers: z.array(AddressText).max(8),
  searchDomains: z.array(DnsNameText).max(16),
});
export type DnsModel = z.infer<typeof DnsModel>;

const inherited = {
  /** Bytes per second from the client, all its sessions together. */
  rateUpBytesPerSecond: RateModel.nullable(),
  /** Bytes per second to the client, all its sessions together. */
  rateDownBytesPerSecond: RateModel.nullable(),
  /** Inner bytes of both directions in one calendar month (UTC). */
  monthlyQuotaBytes: z.int().nonnegative().nullable(),
  maxSessions: z.int().min(1).max(10_000).nullable(),
  /** Prefixes that are advertised instead of the server's. */
  routes: z.array(PrefixText).min(1).max(256).nullable(),
  dns: DnsModel.nullable(),
};

/** Limits of a client; null: not set here, its groups decide. */
export const ClientLimitsModel = z.strictObject({
  ...inherited,
  /** The inner address it gets, and nobody else; lies in a pool. */
  fixedIpv4: AddressText.nullable(),
  fixedIpv6: AddressText.nullable(),
});
export type ClientLimitsModel = z.infer<typeof ClientLimitsModel>;

/** Limits of a group, for each member that has none of its own, and what all members share. */
export const GroupLimitsModel = z.strictObject({
  ...inherited,
  /** Bytes per second from all members together. */
  sharedRateUpBytesPerSecond: RateModel.nullable(),
  /** Bytes per second to all members together. */
  sharedRateDownBytesPerSecond: RateModel.nullable(),
});
export type GroupLimitsModel = z.infer<typeof GroupLimitsModel>;

/** What holds for a client after inheritance: its own limit, else that of the first of its groups (by id) that sets one. */
export const EffectiveLimitsModel = z.object({
  rateUpBytesPerSecond: z.int().nullable(),
  rateDownBytesPerSecond: z.int().nullable(),
  monthlyQuotaBytes: z.int().nullable(),
  /** Bytes of this month (UTC) so far, both directions. */
  monthUsedBytes: z.number().nonnegative(),
  maxSessions: z.int(),
  /** What is advertised. */
  routes: z.array(z.string()),
  dns: DnsModel.nullable(),
});
export type EffectiveLimitsModel = z.infer<typeof EffectiveLimitsModel>;
