import type { ForwardFilter, HostFacts } from '@masque-vpn/host';

/** What of the host keeps tunnels from working although the server did its part; each with the exact remedy. */
export function hostWarnings(
  facts: HostFacts,
  filters: readonly ForwardFilter[],
  tunName: string,
  families: readonly (4 | 6)[],
): string[] {
  return [
    ...families
      .filter((family) => !facts.defaultRoutes.some((route) => route.family === family))
      .map(
        (family) =>
          `this host has no IPv${family} default route: clients get no further than its own networks over IPv${family}`,
      ),
    ...filters.map((filter) => filterWarning(filter, tunName)),
  ];
}

function filterWarning(filter: ForwardFilter, tunName: string): string {
  const { family, table, chain, docker } = filter;
  return (
    `the firewall chain ${family} ${table} ${chain} drops forwarded packets by default` +
    `${docker ? ' (Docker set this)' : ''}; if clients reach nothing: ${forwardException(filter, tunName)}`
  );
}

/** The commands that let a tunnel through. A drop in any table is final, so ours cannot: the other needs an exception. */
export function forwardException(
  { family, table, chain, docker }: Omit<ForwardFilter, 'family'> & { readonly family: string },
  tunName: string,
): string {
  if (table !== 'filter' || chain !== 'FORWARD' || family === 'inet') {
    const insert = `nft insert rule ${family} ${table} ${chain}`;
    return (
      `${insert} iifname "${tunName}" accept; ` +
      `${insert} oifname "${tunName}" ct state established,related accept`
    );
  }
  const insert = `${family === 'ip' ? 'iptables' : 'ip6tables'} -I ${docker ? 'DOCKER-USER' : chain}`;
  return (
    `${insert} -i ${tunName} -j ACCEPT; ` +
    `${insert} -o ${tunName} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`
  );
}
