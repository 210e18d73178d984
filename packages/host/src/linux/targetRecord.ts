import type { HostPlan } from '../plan.js';
import { canonicalPrefix } from '../prefix.js';
import type { KernelState } from './kernelState.js';
import type { ChangeRecord, SysctlRecord } from './record.js';

/** What will be changed once `plan` is in place. */
export function recordOf(
  plan: HostPlan,
  state: KernelState,
  before: ChangeRecord,
  sysctls: readonly SysctlRecord[],
): ChangeRecord {
  const sameLink = before.link !== null && before.link.index === state.link?.index;
  const link =
    plan.link === null || state.link === null
      ? null
      : {
          name: plan.link.name,
          index: state.link.index,
          previous: sameLink
            ? before.link.previous
            : { mtu: state.link.mtu, up: state.link.up, addressGeneration: state.link.addressGeneration },
          addresses: ownedAddresses(
            plan.link.addresses,
            state.link.addresses,
            sameLink ? before.link.addresses : [],
          ),
        };
  return {
    link,
    routes: [...plan.routes],
    rules: [...plan.rules],
    nft: plan.nft?.name ?? null,
    sysctls: [...sysctls],
  };
}

/** An address that was there before us is not ours to remove. */
function ownedAddresses(
  wanted: readonly string[],
  present: readonly string[],
  owned: readonly string[],
): string[] {
  return wanted
    .map(canonicalPrefix)
    .filter((address) => owned.includes(address) || !present.includes(address));
}

/** Both, so that an interruption anywhere between them is undone completely. */
export function union(before: ChangeRecord, target: ChangeRecord): ChangeRecord {
  const sameLink = before.link?.index === target.link?.index;
  const link = target.link ?? before.link;
  const keys = new Set(target.sysctls.map((sysctl) => sysctl.key));
  return {
    link:
      link === null || !sameLink
        ? link
        : { ...link, addresses: [...new Set([...(before.link?.addresses ?? []), ...link.addresses])] },
    routes: [...before.routes, ...target.routes],
    rules: [...before.rules, ...target.rules],
    nft: target.nft ?? before.nft,
    sysctls: [...before.sysctls.filter((sysctl) => !keys.has(sysctl.key)), ...target.sysctls],
  };
}
