import type { Family } from './family.js';
import type { Host, HostFacts } from './host.js';
import { isLinkName } from './linkName.js';
import type { SysctlPlan } from './plan.js';

/** Kernel parameters that make the host forward, and what else they open. */
export interface Forwarding {
  readonly sysctls: readonly SysctlPlan[];
  /**
   * Interfaces, per family, that forward only because of us and must not between each other. None where the host
   * forwards everywhere: it is a router by its owner's will.
   */
  readonly opened: Readonly<Record<Family, readonly string[]>>;
}

/** Nothing forwards. */
export const noForwarding: Forwarding = { sysctls: [], opened: { 4: [], 6: [] } };

/**
 * Forwarding between the TUN and every interface that is up now and that `isWanted` takes, interface by interface where
 * the kernel can (IPv4 always, IPv6 since Linux 6.17). `before` is what an earlier call returned: what it opened is
 * ours to keep, and its values must not be mistaken for the host's own.
 */
export async function planForwarding(
  host: Pick<Host, 'readSysctl'>,
  facts: HostFacts,
  tunName: string,
  families: readonly Family[],
  before: Forwarding,
  isWanted: (interfaceName: string, family: Family) => boolean = () => true,
): Promise<Forwarding> {
  const sysctls: SysctlPlan[] = [];
  const opened: Record<Family, readonly string[]> = { 4: [], 6: [] };
  const ours = new Set(before.sysctls.map((sysctl) => sysctl.key));
  for (const family of families) {
    const uplinks = uplinksOf(facts, family, tunName).filter((name) => isWanted(name, family));
    sysctls.push(...tunParameters(tunName, family));
    const all = `net/ipv${family}/conf/all/forwarding`;
    const isRouter = (await host.readSysctl(all)) === '1' && !ours.has(all);
    if (!isRouter) opened[family] = await newlyOpened(host, family, uplinks, before);
    const perInterface = await perInterfaceParameter(host, family);
    if (perInterface === null) {
      // Turning it on drops what router advertisements taught, unless accept_ra is 2 before.
      if (!isRouter) sysctls.push(...keepRouterAdvertisements(facts, tunName), { key: all, value: '1' });
    } else if (!(isRouter && family === 6)) {
      // IPv6 forwards if either says so; IPv4 asks the interface alone.
      for (const name of [tunName, ...uplinks]) {
        sysctls.push({ key: `net/ipv${family}/conf/${name}/${perInterface}`, value: '1', optional: true });
      }
    }
  }
  const keys = new Set(sysctls.map((sysctl) => sysctl.key));
  return { sysctls: [...before.sysctls.filter((sysctl) => !keys.has(sysctl.key)), ...sysctls], opened };
}

/**
 * IPv4: ICMP errors of the engine come out of the TUN with the server's own tunnel address as their source
 * (CIP-1106), which the kernel takes for a forgery unless told otherwise; the firewall lets nothing else through.
 * IPv6: on the TUN even where new interfaces get none, and deaf to router advertisements (CIP-1017).
 */
function tunParameters(tunName: string, family: Family): SysctlPlan[] {
  const folder = `net/ipv${family}/conf/${tunName}`;
  if (family === 4) return [{ key: `${folder}/accept_local`, value: '1', optional: true }];
  return [
    { key: `${folder}/disable_ipv6`, value: '0', optional: true },
    { key: `${folder}/accept_ra`, value: '0', optional: true, mayBeRefused: true },
  ];
}

/** Interfaces packets of a family can come and go by, other than the TUN. */
function uplinksOf(facts: HostFacts, family: Family, tunName: string): string[] {
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

/** The parameter that makes one interface forward; null where the kernel has none. */
async function perInterfaceParameter(
  host: Pick<Host, 'readSysctl'>,
  family: Family,
): Promise<'forwarding' | 'force_forwarding' | null> {
  if (family === 4) return 'forwarding';
  return (await host.readSysctl('net/ipv6/conf/all/force_forwarding')) === null ? null : 'force_forwarding';
}

/** Uplinks that did not forward before us. */
async function newlyOpened(
  host: Pick<Host, 'readSysctl'>,
  family: Family,
  uplinks: readonly string[],
  before: Forwarding,
): Promise<string[]> {
  const opened: string[] = [];
  for (const name of uplinks) {
    const wasOpened = before.opened[family].includes(name);
    const value = await host.readSysctl(`net/ipv${family}/conf/${name}/forwarding`);
    if (wasOpened || value === '0') opened.push(name);
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
