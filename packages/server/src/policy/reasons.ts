/** Why a packet passes or not, as `explain` says; `docs/errors.md` explains each. */
export const packetReasons = [
  'RULE_ALLOWS',
  'RULE_DENIES',
  'PORT_FORWARD_ALLOWS',
  /** Nothing matches, and what nothing allows is refused. */
  'NO_RULE',
  /** The name that a packet is for stands for no address now. */
  'DESTINATION_UNRESOLVED',
  /** Lies in a pool, and nobody has it. */
  'ADDRESS_OF_NOBODY',
  /** Loopback, multicast, link-local and the like. */
  'ADDRESS_NOT_FORWARDED',
  /** Outside what is advertised to the client. */
  'DESTINATION_NOT_ADVERTISED',
  /** The server itself, and `network.host_access` is off. */
  'HOST_ACCESS_OFF',
  /** Both ends are outside, or at the same client. */
  'NOT_IN_TUNNEL',
] as const;
export type PacketReason = (typeof packetReasons)[number];

/** What is worth a warning about a policy; `docs/errors.md` explains each. */
export const policyWarningCodes = [
  /** No client of an administrator would be allowed anything. */
  'ADMINISTRATORS_LOCKED_OUT',
  /** A rule names a host that does not resolve: it matches nothing, or what was last answered. */
  'RULE_NAME_UNRESOLVED',
] as const;
export type PolicyWarningCode = (typeof policyWarningCodes)[number];

/** Something that works, but perhaps not as it was meant. */
export interface PolicyWarning {
  readonly code: PolicyWarningCode;
  readonly message: string;
}
