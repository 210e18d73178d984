import type { NetworkNamespace } from './namespace.js';

/** Everything of a machine's network that the product may change, as text to be compared. */
export async function hostState(
  namespace: NetworkNamespace,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const lines = async (program: string, ...args: readonly string[]): Promise<readonly string[]> =>
    (await namespace.mustRun({ program, args }))
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .sort();
  const settings = ['net/ipv4/ip_forward', 'net/ipv4/conf/all/rp_filter', 'net/ipv6/conf/all/forwarding'];
  return {
    nft: await lines('nft', 'list', 'ruleset'),
    links: await lines('ip', '-brief', 'link'),
    addresses: await lines('ip', '-brief', 'address'),
    rules: [...(await lines('ip', '-4', 'rule')), ...(await lines('ip', '-6', 'rule'))],
    routes: [
      ...(await lines('ip', '-4', 'route', 'show', 'table', 'all')),
      ...(await lines('ip', '-6', 'route', 'show', 'table', 'all')),
    ],
    settings: await lines('head', ...settings.map((setting) => `/proc/sys/${setting}`)),
  };
}
