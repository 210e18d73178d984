import type { LinkPlan, HostPlan, RoutePlan, RulePlan } from '../plan.js';
import { canonicalPrefix, familyOf } from '../prefix.js';
import { failed, succeeded, type HostResult } from '../result.js';
import {
  addRoute,
  addRule,
  deleteRoute,
  deleteRule,
  linkCommand,
  replaceRoute,
  type IpCommand,
} from './ipBatch.js';
import type { KernelState, LinkState, RouteState, RuleState } from './kernelState.js';
import type { ChangeRecord } from './record.js';

/** What `ip` has to do: `build` fails as a whole, `clear` goes on after a failure. */
export interface IpDifference {
  readonly build: readonly IpCommand[];
  readonly clear: readonly IpCommand[];
}

/**
 * Commands that lead from `state` to `plan`. Nothing is removed that is not in `owned`, nothing of others is
 * replaced. HOST_LINK_MISSING: the plan's link does not exist. HOST_CONFLICT: somebody else's route or rule is
 * where ours should be.
 */
export function ipDifference(
  plan: HostPlan,
  owned: ChangeRecord,
  state: KernelState,
): HostResult<IpDifference> {
  const conflict = ruleConflict(plan, owned, state) ?? routeConflict(plan, owned, state);
  if (conflict !== null) return failed('HOST_CONFLICT', conflict);
  if (plan.link !== null && state.link === null) {
    return failed('HOST_LINK_MISSING', `there is no interface ${plan.link.name}`);
  }
  const link = linkDifference(plan.link, owned, state.link);
  const routes = routeDifference(plan, owned, state);
  const rules = ruleDifference(plan, owned, state);
  return succeeded({
    // Rules switch the lookup over, so they come when the routes are complete and go before them.
    build: [...link.build, ...routes.build, ...rules.build],
    clear: [...rules.clear, ...routes.clear, ...link.clear],
  });
}

function linkDifference(plan: LinkPlan | null, owned: ChangeRecord, state: LinkState | null): IpDifference {
  if (state === null) return { build: [], clear: [] };
  // The same name with another index is another interface: what we did to the old one went with it.
  const record = owned.link?.index === state.index ? owned.link : null;
  const present = new Set(state.addresses);
  const wanted = new Set(plan?.addresses.map(canonicalPrefix));
  const name = plan?.name ?? record?.name;
  if (name === undefined) return { build: [], clear: [] };
  const set = (...words: string[]): IpCommand => linkCommand('link', 'set', 'dev', name, ...words);

  const build: IpCommand[] = [];
  const clear: IpCommand[] = (record?.addresses ?? [])
    .filter((address) => present.has(address) && !wanted.has(address))
    .map((address) => linkCommand('address', 'del', address, 'dev', name));
  if (plan !== null) {
    // Below 1280 the kernel throws all of IPv6 away, so addresses go before the MTU shrinks and come after it grew.
    const ipv6Returns = state.hasIpv6 && state.mtu < 1280 && plan.mtu >= 1280;
    if (state.mtu < plan.mtu) build.push(set('mtu', String(plan.mtu)));
    if (ipv6Returns || (state.addressGeneration !== null && state.addressGeneration !== 'none')) {
      build.push(set('addrgenmode', 'none'));
    }
    // IPv6 comes back with the default mode, and on an interface that is up with what that makes.
    if (ipv6Returns) build.push({ family: 6, words: ['address', 'flush', 'dev', name, 'scope', 'link'] });
    if (state.mtu > plan.mtu) clear.push(set('mtu', String(plan.mtu)));
    for (const address of wanted) {
      if (present.has(address)) continue;
      const flags = familyOf(address) === 6 ? ['nodad'] : [];
      build.push(linkCommand('address', 'add', address, 'dev', name, ...flags));
    }
    if (!state.up) build.push(set('up'));
  } else if (record !== null) {
    const { previous } = record;
    if (!previous.up && state.up) clear.push(set('down'));
    if (previous.addressGeneration !== null && previous.addressGeneration !== state.addressGeneration) {
      clear.push(set('addrgenmode', previous.addressGeneration));
    }
    if (previous.mtu !== state.mtu) clear.push(set('mtu', String(previous.mtu)));
  }
  return { build, clear };
}

function routeDifference(plan: HostPlan, owned: ChangeRecord, state: KernelState): IpDifference {
  const present = new Map(state.routes.map((route) => [stateRouteKey(route), route]));
  const wanted = new Set(plan.routes.map(routeKey));
  const build = plan.routes.flatMap((route) => {
    const there = present.get(routeKey(route));
    if (there === undefined) return [addRoute(route)];
    return isSameRoute(route, there) ? [] : [replaceRoute(route)];
  });
  const clear = owned.routes
    .filter((route) => present.has(routeKey(route)) && !wanted.has(routeKey(route)))
    .map(deleteRoute);
  return { build, clear };
}

function ruleDifference(plan: HostPlan, owned: ChangeRecord, state: KernelState): IpDifference {
  const present = new Set(state.rules.filter((rule) => rule.ours).map(stateRuleKey));
  const wanted = new Set(plan.rules.map(ruleKey));
  return {
    build: plan.rules.filter((rule) => !present.has(ruleKey(rule))).map(addRule),
    clear: owned.rules
      .filter((rule) => present.has(ruleKey(rule)) && !wanted.has(ruleKey(rule)))
      .map(deleteRule),
  };
}

function ruleConflict(plan: HostPlan, owned: ChangeRecord, state: KernelState): string | null {
  const own = new Set(owned.rules.map(ruleKey));
  for (const rule of plan.rules) {
    const foreign = state.rules.find(
      (other) =>
        other.family === rule.family &&
        other.priority === rule.priority &&
        !(other.ours && own.has(stateRuleKey(other))),
    );
    if (foreign === undefined) continue;
    const whose = foreign.ours ? 'of another masque-vpn, or left by one' : 'of somebody else';
    return (
      `priority ${rule.priority} of the IPv${rule.family} routing rules is taken by a rule ${whose}; if nothing ` +
      `uses it: ip -${rule.family} rule del priority ${rule.priority}`
    );
  }
  return null;
}

function routeConflict(plan: HostPlan, owned: ChangeRecord, state: KernelState): string | null {
  const own = new Set(owned.routes.map(routeKey));
  const present = new Set(state.routes.map(stateRouteKey));
  const foreign = plan.routes.find((route) => present.has(routeKey(route)) && !own.has(routeKey(route)));
  if (foreign === undefined) return null;
  return (
    `the route ${foreign.prefix} of table ${foreign.table} is there already, of another masque-vpn or left by ` +
    `one; if nothing uses it: ip route del ${foreign.prefix} table ${foreign.table}`
  );
}

function isSameRoute(plan: RoutePlan, state: RouteState): boolean {
  if (plan.type !== state.type) return false;
  if (plan.type !== 'unicast') return true;
  const via = plan.via === undefined ? null : canonicalPrefix(plan.via).replace(/\/\d+$/, '');
  return plan.dev === state.dev && via === state.via;
}

/** What makes a route of the kernel's tables one and the same: IPv6's default metric is 1024. */
function routeKey(route: RoutePlan): string {
  const family = familyOf(route.prefix);
  const metric = route.metric ?? (family === 6 ? 1024 : 0);
  return [family, route.table, canonicalPrefix(route.prefix), metric].join(' ');
}

function stateRouteKey(route: RouteState): string {
  return [route.family, route.table, route.prefix, route.metric].join(' ');
}

function ruleKey(rule: RulePlan): string {
  const mark = rule.fwmark === undefined ? '- is' : `${rule.fwmark.mark} ${rule.fwmark.match}`;
  return [rule.family, rule.priority, rule.table, mark, rule.suppressPrefixLength ?? '-'].join(' ');
}

function stateRuleKey(rule: RuleState): string {
  const mark = `${rule.fwmark ?? '-'} ${rule.not ? 'not' : 'is'}`;
  return [rule.family, rule.priority, rule.table, mark, rule.suppressPrefixLength ?? '-'].join(' ');
}
