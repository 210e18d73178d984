import { lookup } from 'node:dns/promises';
import { fail, ok, parseAddress, type IpAddress, type Result } from '@masque-vpn/protocol';
import type { Clock } from '../process/clock.js';

/** Addresses of a host name, of both families, or why there are none. */
export type ResolveName = (
  name: string,
) => Promise<Result<readonly IpAddress[], 'TARGET_UNRESOLVED' | 'TARGET_TIMEOUT'>>;

/** How long a client may wait for the answer to a request with a host name, milliseconds. */
const patienceMs = 5_000;

/** The system's resolver, hosts file included, bounded in time. */
export function systemResolver(clock: Clock): ResolveName {
  return async (name) => {
    const timeout = new Promise<'late'>((resolve) => {
      clock.after(patienceMs, () => resolve('late'));
    });
    try {
      const found = await Promise.race([lookup(name, { all: true, order: 'verbatim' }), timeout]);
      if (found === 'late') return fail('TARGET_TIMEOUT' as const);
      return ok(
        found.flatMap(({ address }) => {
          const parsed = parseAddress(address);
          return parsed.ok ? [parsed.value] : [];
        }),
      );
    } catch {
      // NXDOMAIN, no address of any family, a resolver that answers SERVFAIL: all are dns_error to the client.
      return fail('TARGET_UNRESOLVED' as const);
    }
  };
}
