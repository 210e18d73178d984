import { isLinkName, type Family, type Host, type HostFacts, type SysctlPlan } from '@masque-vpn/host';

/** Kernel parameters that make the host forward, and what else they open. */
export interface Forwarding {
  readonly sysctls: readonly SysctlPlan[];
  /** Interfaces, per family, that forward only because of us: not between each other, please. */
  readonly opened: Readonly<Record<Family, readonly string[]>>;
}

/** Nothing forwards. */
export const noForwarding: Forwarding = { sysctls: [], opened: { 4: [], 6: [] } };

/**
 * Forwarding between the TUN and every interface that is up now, interface by interface where the kernel can
 * (IPv4 always, IPv6 since Linux 6.17). `before` is what an earlier call returned: what it opened is ours to keep,
 * and its values must not be mistaken for the host's own.
 */
export async function planForwarding(
  host: Pick<Host, 'readSysctl'>,
  facts: HostFacts,
  tunName: string,
  families: readonly Family[],
  before: Forwarding,
): Promise<Forwarding> {
  const sysctls: SysctlPlan[] = [];
  const opened: Record<Family, readonly string[]> = { 4: [], 6: [] };
  for (const family of families) {
    const uplinks = uplinksOf(facts, family, tunName);
    const perInterface =
      family === 4
        ? 'forwarding'
        : (await host.readSysctl('net/ipv6/conf/all/force_forwarding')) === null
          ? null
          : 'force_forwarding';
    opened[family] = await newlyOpened(host, family, uplinks, perInterface !== null, before);
    if (family === 6) sysctls.push(...tunParameters(tunName));
    if (perInterface === null) {
      // Turning it on drops what router advertisements taught, unless accept_ra is 2 before.
      sysctls.push(...keepRouterAdvertisements(facts, tunName));
      sysctls.push({ key: 'net/ipv6/conf/all/forwarding', value: '1' });
    } else {
      for (const name of [tunName, ...uplinks]) {
        sysctls.push({ key: `net/ipv${family}/conf/${name}/${perInterface}`, value: '1', optional: true });
      }
    }
  }
  const keys = new Set(sysctls.map((sysctl) => sysctl.key));
  return { sysctls: [...before.sysctls.filter((sysctl) => !keys.has(sysctl.key)), ...sysctls], opened };
}

/** IPv6 on the TUN even where new interfaces get none, and deaf to router advertisements (CIP-1017). */
function tunParameters(tunName: string): SysctlPlan[] {
  const folder = `net/ipv6/conf/${tunName}`;
  return [
    { key: `${folder}/disable_ipv6`, value: '0', optional: true },
    { key: `${folder}/accept_ra`, value: '0', optional: true },
  ];
}

/** Interfaces packets of a family can come and go by, other than the TUN. */
export function uplinksOf(facts: HostFacts, family: Family, tunName: string): string[] {
  const routed = new Set(
    facts.routes.filter((route) => route.family === family).map((route) => route.interface),
  );
  return facts.interfaces
    .filter(({ name, up, loopback }) => up && !loopback && name !== tunName && isLinkName(name))
    .filter(
      ({ name, addresses }) =>
        routed.has(name) || addresses.some((fact) => fact.family === family && fact.scope === 'global'),
    )
    .map(({ name }) => name);
}

/** Uplinks that did not forward before us. A host that forwards everywhere is a router by its owner's will. */
async function newlyOpened(
  host: Pick<Host, 'readSysctl'>,
  family: Family,
  uplinks: readonly string[],
  isPerInterface: boolean,
  before: Forwarding,
): Promise<string[]> {
  const folder = `net/ipv${family}/conf`;
  const ours = new Set(before.sysctls.map((sysctl) => sysctl.key));
  const isRouter = (await host.readSysctl(`${folder}/all/forwarding`)) === '1';
  if (isRouter && (isPerInterface || !ours.has(`${folder}/all/forwarding`))) return [];
  const opened: string[] = [];
  for (const name of uplinks) {
    const wasOpened = before.opened[family].includes(name);
    if (wasOpened || (await host.readSysctl(`${folder}/${name}/forwarding`)) === '0') opened.push(name);
  }
  return opened;
}

/** On interfaces that live by router advertisements (accept_ra = 1), also as a router (2). */
function keepRouterAdvertisements(facts: HostFacts, tunName: string): SysctlPlan[] {
  return facts.interfaces
    .filter(({ name }) => name !== tunName && isLinkName(name))
    .filter(
      ({ name, addresses }) =>
        facts.routes.some((route) => route.interface === name && route.protocol === 'ra') ||
        addresses.some((fact) => fact.family === 6 && fact.dynamic),
    )
    .map(({ name }) => ({
      key: `net/ipv6/conf/${name}/accept_ra`,
      value: '2',
      onlyFrom: ['1'],
      optional: true,
    }));
}
