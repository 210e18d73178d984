/** A port of this machine that is somebody's already. */
export interface UsedPort {
  readonly protocol: 6 | 17;
  readonly port: number;
  /** Whose it is, for people: "administration". */
  readonly user: string;
}

/**
 * Ports that no forward may take although the server does not use them: without them one could lock oneself out, or
 * the machine would lose its address.
 */
const vital: readonly UsedPort[] = [
  { protocol: 6, port: 22, user: 'SSH to this machine' },
  { protocol: 17, port: 67, user: 'DHCP' },
  { protocol: 17, port: 68, user: 'DHCP' },
  { protocol: 17, port: 546, user: 'DHCPv6' },
  { protocol: 17, port: 547, user: 'DHCPv6' },
];

/** Finds whose a port is; null: nobody's that we know of. */
export function portUser(own: readonly UsedPort[]): (protocol: 6 | 17, port: number) => string | null {
  const used = [...own, ...vital];
  return (protocol, port) =>
    used.find((candidate) => candidate.protocol === protocol && candidate.port === port)?.user ?? null;
}
