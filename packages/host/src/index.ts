export type { Family } from './family.js';
export { type Forwarding, noForwarding, planForwarding } from './forwarding.js';
export type {
  AddressFact,
  DefaultRoute,
  FirewallChain,
  FirewallMatch,
  FirewallRule,
  FirewallVerdict,
  ForwardFilter,
  Host,
  HostCapabilities,
  HostFacts,
  HostNetwork,
  HostNetworkOptions,
  InterfaceFact,
  LookAhead,
  RouteFact,
} from './host.js';
export type { Icmpv6Type, NftChain, NftMatch, NftRule, NftSet, NftTable, NftVerdict } from './nft/table.js';
export { emptyPlan, mainTable } from './plan.js';
export type { HostPlan, LinkPlan, RoutePlan, RulePlan, SysctlPlan } from './plan.js';
export { hostErrorCodes } from './result.js';
export type { HostError, HostErrorCode, HostResult } from './result.js';
export { linuxHost } from './linux/host.js';
export { isLinkName } from './linkName.js';
