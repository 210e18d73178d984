import { z } from 'zod';

const target = { prefix: z.string(), table: z.number(), metric: z.number().exactOptional() };

const Owner = z.object({
  pid: z.number(),
  startTicks: z.number(),
  bootId: z.string(),
  networkNamespace: z.string(),
});

const Route = z.discriminatedUnion('type', [
  z.object({ ...target, type: z.literal('unicast'), dev: z.string(), via: z.string().exactOptional() }),
  z.object({ ...target, type: z.enum(['unreachable', 'blackhole', 'throw']) }),
]);

const Rule = z.object({
  family: z.union([z.literal(4), z.literal(6)]),
  priority: z.number(),
  fwmark: z.object({ match: z.enum(['is', 'not']), mark: z.number() }).exactOptional(),
  table: z.number(),
  suppressPrefixLength: z.number().exactOptional(),
});

const Sysctl = z.object({
  key: z.string(),
  /** What we wrote. */
  value: z.string(),
  /** What was there before. */
  previous: z.string(),
  /** Parameters that the kernel changes along with this one, as they were. */
  dependants: z.record(z.string(), z.string()),
});

/** One link we changed, as it was before, and the addresses we put on it. */
const Link = z.object({
  name: z.string(),
  index: z.number(),
  previous: z.object({ mtu: z.number(), up: z.boolean(), addressGeneration: z.string().nullable() }),
  addresses: z.array(z.string()),
});

/** The journal file. `version` changes when an older program could misread it. */
export const JournalFile = z.object({
  version: z.literal(1),
  owner: Owner,
  link: Link.nullable(),
  routes: z.array(Route),
  rules: z.array(Rule),
  nft: z.string().nullable(),
  sysctls: z.array(Sysctl),
});

/** One kernel parameter we changed. */
export type SysctlRecord = Readonly<z.infer<typeof Sysctl>>;

/**
 * What we changed, or are about to change: written down before the change, so that it is never less than
 * what is on the host.
 */
export type ChangeRecord = Readonly<Omit<z.infer<typeof JournalFile>, 'version' | 'owner'>>;

/** Nothing changed. */
export const emptyRecord: ChangeRecord = { link: null, routes: [], rules: [], nft: null, sysctls: [] };

/** Whether nothing is changed. */
export function isEmptyRecord(record: ChangeRecord): boolean {
  return (
    record.link === null &&
    record.routes.length === 0 &&
    record.rules.length === 0 &&
    record.nft === null &&
    record.sysctls.length === 0
  );
}
