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

/** A drop in any table is final, so ours cannot help: the other table needs an exception. */
function filterWarning({ family, table, chain, docker }: ForwardFilter, tunName: string): string {
  const who = `the firewall chain ${family} ${table} ${chain} drops forwarded packets by default`;
  if (table !== 'filter' || chain !== 'FORWARD' || family === 'inet') {
    const insert = `nft insert rule ${family} ${table} ${chain}`;
    return (
      `${who}; if clients reach nothing: ${insert} iifname "${tunName}" accept; ` +
      `${insert} oifname "${tunName}" ct state established,related accept`
    );
  }
  const iptables = family === 'ip' ? 'iptables' : 'ip6tables';
  const insert = `${iptables} -I ${docker ? 'DOCKER-USER' : chain}`;
  return (
    `${who}${docker ? ' (Docker set this)' : ''}; if clients reach nothing: ${insert} -i ${tunName} -j ACCEPT; ` +
    `${insert} -o ${tunName} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`
  );
}
