import { z } from 'zod';

import { failed, succeeded, type HostResult } from '../result.js';
import type { Commands } from './command.js';

const Address = z.object({
  family: z.string(),
  local: z.string(),
  prefixlen: z.number(),
  scope: z.string(),
  dynamic: z.boolean().default(false),
});

/** `ip -j -d address show`. */
export const IpLinks = z.array(
  z.object({
    ifindex: z.number(),
    ifname: z.string(),
    flags: z.array(z.string()),
    mtu: z.number(),
    inet6_addr_gen_mode: z.string().nullable().default(null),
    // Other kinds of addresses lack fields; only those with `local` are ours to read.
    addr_info: z.array(z.union([Address, z.object({})])).default([]),
  }),
);
export type IpLink = z.infer<typeof IpLinks>[number];

/** Addresses of a link that are IPv4 or IPv6. */
export function addressesOf(ipLink: IpLink): z.infer<typeof Address>[] {
  return ipLink.addr_info.filter(
    (info): info is z.infer<typeof Address> =>
      'local' in info && (info.family === 'inet' || info.family === 'inet6'),
  );
}

/** `ip -j -d route show`. */
export const IpRoutes = z.array(
  z.object({
    type: z.string().default('unicast'),
    dst: z.string(),
    dev: z.string().nullable().default(null),
    gateway: z.string().nullable().default(null),
    prefsrc: z.string().nullable().default(null),
    table: z.string().default('main'),
    metric: z.number().default(0),
    protocol: z.string().default('boot'),
  }),
);
export type IpRoute = z.infer<typeof IpRoutes>[number];

/** `ip -j -d rule show`; `not` is present as null. */
export const IpRules = z.array(
  z.object({
    priority: z.number(),
    table: z.string().default(''),
    protocol: z.string().default(''),
    fwmark: z.string().nullable().default(null),
    not: z.null().optional(),
    suppress_prefixlen: z.number().nullable().default(null),
  }),
);

/** Runs `ip -j` and parses what it prints; `ip` prints nothing at all for an empty list. */
export async function readIp<T>(
  commands: Commands,
  args: readonly string[],
  schema: z.ZodType<T>,
): Promise<HostResult<T>> {
  const output = await commands.expect('ip', ['-j', ...args]);
  if (!output.ok) return output;
  try {
    return succeeded(schema.parse(JSON.parse(output.value.trim() === '' ? '[]' : output.value)));
  } catch {
    return failed('HOST_COMMAND_FAILED', `ip -j ${args.join(' ')}: not the JSON we know`);
  }
}

/**
 * Runs several lines of `ip -j` in one process; `options` are `ip`'s own. Returns what all of them list: the kinds of objects
 * differ in their fields, while lists cannot be told apart, as some versions print nothing for an empty one.
 */
export async function readIpBatch(
  commands: Commands,
  options: readonly string[],
  lines: readonly string[],
): Promise<HostResult<readonly object[]>> {
  const args = ['-j', ...options, '-batch', '-'];
  const output = await commands.expect('ip', args, `${lines.join('\n')}\n`);
  if (!output.ok) return output;
  try {
    const lists = output.value.split('\n').filter((line) => line.trim() !== '');
    return succeeded(lists.flatMap((list) => Listing.parse(JSON.parse(list))));
  } catch {
    return failed('HOST_COMMAND_FAILED', `ip ${args.join(' ')}: not the JSON we know`);
  }
}

const Listing = z.array(z.looseObject({}));

/** Number of a routing table as `ip` prints it: by name for the three of old. */
export function tableNumber(text: string): number {
  const names: Readonly<Record<string, number>> = { default: 253, main: 254, local: 255 };
  return names[text] ?? Number(text);
}

/** `default` and host routes are printed without a length. */
export function routePrefix(dst: string, family: 4 | 6): string {
  if (dst === 'default') return family === 4 ? '0.0.0.0/0' : '::/0';
  return dst.includes('/') ? dst : `${dst}/${family === 4 ? 32 : 128}`;
}
