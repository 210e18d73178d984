import { z } from 'zod';

import type { ForwardFilter } from '../host.js';
import { failed, succeeded, type HostResult } from '../result.js';
import type { Commands } from './command.js';

const Chains = z.object({
  nftables: z.array(
    z.object({
      chain: z
        .object({
          family: z.string(),
          table: z.string(),
          name: z.string(),
          hook: z.string().optional(),
          policy: z.string().optional(),
        })
        .optional(),
    }),
  ),
});

/** Base chains on the forward hook with policy drop, whoever made them (iptables is nftables underneath). */
export async function readForwardFilters(commands: Commands): Promise<HostResult<readonly ForwardFilter[]>> {
  const output = await commands.expect('nft', ['-j', 'list', 'chains']);
  if (!output.ok) return output;
  try {
    return succeeded(forwardFilters(JSON.parse(output.value)));
  } catch {
    return failed('HOST_COMMAND_FAILED', 'nft -j list chains: not the JSON we know');
  }
}

/** Picks the dropping forward chains out of what `nft -j list chains` printed. */
export function forwardFilters(listing: unknown): ForwardFilter[] {
  const chains = Chains.parse(listing).nftables.flatMap(({ chain }) => (chain === undefined ? [] : [chain]));
  return chains.flatMap((chain) => {
    const { family, table, name, hook, policy } = chain;
    if (hook !== 'forward' || policy !== 'drop') return [];
    if (family !== 'ip' && family !== 'ip6' && family !== 'inet') return [];
    const docker = chains.some(
      (other) => other.family === family && other.table === table && other.name === 'DOCKER-USER',
    );
    return [{ family, table, chain: name, docker }];
  });
}
