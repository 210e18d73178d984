/** What the three checks find; each is in `docs/errors.md`. */
export const checkCodes = [
  /** A QUIC connection from another network has come. */
  'UDP_PORT_REACHED',
  /** Nobody from another network has come yet: whether anybody could is not known here. */
  'UDP_PORT_SILENT',
  'UDP_PORT_ON_LOOPBACK',
  /** A firewall of this host drops what comes to the port. */
  'UDP_PORT_FILTERED',
  'PUBLIC_HOST_UNRESOLVED',
  /** The public name leads to addresses that this host does not have. */
  'PUBLIC_HOST_ELSEWHERE',
  /** Clients are told an address that only its own network reaches. */
  'PUBLIC_HOST_PRIVATE',
  /** The TCP port of links and renewal is not open. */
  'ENROLMENT_PORT_CLOSED',
  'TUN_DOWN',
  /** Somebody else sets addresses, forwarding and filters. */
  'HOST_NOT_MANAGED',
  'FORWARDING_OFF',
  /** A chain of somebody else drops forwarded packets. */
  'FORWARD_CHAIN_DROPS',
  'DEFAULT_ROUTE_MISSING',
  'FORWARDING_READY',
  /** Packets of clients left, and others came back for them. */
  'PACKETS_RETURNED',
  'PACKETS_NOT_RETURNED',
  /** The configuration wants none: routers outside must know the way to the pools. */
  'NAT_OFF',
  'NAT_MISSING',
  'NAT_READY',
  /** Packets came back for clients. */
  'NAT_ANSWERED',
  'HOST_UNREADABLE',
] as const;
export type CheckCode = (typeof checkCodes)[number];

/** The questions of the first ten minutes. */
export const checkIds = ['udpPort', 'forwarding', 'nat'] as const;
export type CheckId = (typeof checkIds)[number];
