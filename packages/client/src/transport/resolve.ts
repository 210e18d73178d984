import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { failed, type Outcome } from '../failure.js';
import { systemErrorText } from '../systemError.js';

/** Addresses of a host name in the order of preference of the system; rejects when there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Asks the system's resolver (A and AAAA, in the order of RFC 6724). */
export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address);

/**
 * Addresses to try for a server, most promising first, the families alternating (RFC 8305 §4).
 * Fails with SERVER_NAME_UNRESOLVED.
 */
export async function addressesOf(host: string, resolve: Resolve): Promise<Outcome<readonly string[]>> {
  if (isIP(host) !== 0) return { ok: true, value: [host] };
  try {
    const found = await resolve(host);
    if (found.length > 0) return { ok: true, value: alternating(found) };
    return failed('SERVER_NAME_UNRESOLVED', `${host} has no address.`, 'soon');
  } catch (error) {
    return failed('SERVER_NAME_UNRESOLVED', `${host} was not resolved: ${systemErrorText(error)}.`, 'soon');
  }
}

function alternating(addresses: readonly string[]): readonly string[] {
  const preferred = isIP(addresses[0] ?? '');
  const first = addresses.filter((address) => isIP(address) === preferred);
  const second = addresses.filter((address) => isIP(address) !== preferred);
  return first
    .flatMap((address, index) => [address, ...second.slice(index, index + 1)])
    .concat(second.slice(first.length));
}
