import { classifyAddress, parseAddress } from '@masque-vpn/protocol';
import { checkOf, type Check, type CheckFinding } from './check.js';
import type { Arrival } from './arrivals.js';
import type { Passage } from './passage.js';

/** What is known about the public UDP port. */
export interface UdpPortFacts {
  /** Where the server listens: an IP address and a port. */
  readonly address: string;
  readonly port: number;
  /** Name or address that clients are told. */
  readonly publicHost: string;
  /** Addresses of it, by the resolver of this host; null: it does not resolve. */
  readonly resolved: readonly string[] | null;
  /** Addresses of this host that others may use; null: they could not be read. */
  readonly own: readonly string[] | null;
  /** How new QUIC packets get through the firewall of this host, by family; null: it could not be read. */
  readonly passage: { readonly 4: Passage; readonly 6: Passage } | null;
  readonly fromAfar: Arrival | null;
  readonly fromNearby: Arrival | null;
  readonly startedAtMs: number;
  /** Why the TCP port of the same number is not open; null: it is, or is not wanted. */
  readonly frontProblem: { readonly code: string; readonly message: string } | null;
}

/** Can clients reach the public UDP port? */
export function checkUdpPort(facts: UdpPortFacts): Check {
  return checkOf('udpPort', [
    ...arrivalFindings(facts),
    ...listenFindings(facts),
    ...firewallFindings(facts),
    ...nameFindings(facts),
    ...frontFindings(facts),
  ]);
}

function arrivalFindings({
  fromAfar,
  fromNearby,
  publicHost,
  port,
  startedAtMs,
}: UdpPortFacts): CheckFinding[] {
  const isLocalOnly = classOf(publicHost) === 'private';
  const proof = fromAfar ?? (isLocalOnly ? fromNearby : null);
  if (proof !== null) {
    return [
      {
        code: 'UDP_PORT_REACHED',
        severity: 'ok',
        facts: { port, from: proof.address, atMs: proof.atMs },
        message: `a client at ${proof.address} has reached UDP port ${port}`,
        remedy: null,
      },
    ];
  }
  const nearby = fromNearby === null ? '' : `; only ${fromNearby.address} has, which is in a private network`;
  return [
    {
      code: 'UDP_PORT_SILENT',
      severity: 'unknown',
      facts: { port, sinceMs: startedAtMs, nearby: fromNearby?.address ?? null },
      message: `nobody from another network has come to UDP port ${port} since the server was started${nearby}`,
      remedy:
        `connect a client from outside; if it does not get through, open UDP and TCP port ${port} in the firewall ` +
        'of your provider, and forward both if this host is behind a router',
    },
  ];
}

function listenFindings({ address, port }: UdpPortFacts): CheckFinding[] {
  if (classOf(address) !== 'loopback') return [];
  return [
    {
      code: 'UDP_PORT_ON_LOOPBACK',
      severity: 'problem',
      facts: { address, port },
      message: `the server listens on ${address}, which only this host reaches`,
      remedy: `set server.listen = "[::]:${port}" in server.toml and start the server again`,
    },
  ];
}

function firewallFindings({ passage, port }: UdpPortFacts): CheckFinding[] {
  if (passage === null) return [];
  const closed = ([4, 6] as const).flatMap((family) => {
    const { outcome, chain } = passage[family];
    return outcome === 'closed' && chain !== null ? [{ family, chain }] : [];
  });
  // One chain for both families is said once.
  const chains = new Set(closed.map(({ chain }) => chain));
  return [...chains].map((chain): CheckFinding => {
    const { family, table, name } = chain;
    const families = closed.filter((found) => found.chain === chain).map((found) => `IPv${found.family}`);
    return {
      code: 'UDP_PORT_FILTERED',
      severity: 'problem',
      facts: { port, families, family, table, chain: name },
      message: `the firewall chain ${family} ${table} ${name} of this host drops what comes to UDP port ${port}`,
      remedy: `nft insert rule ${family} ${table} ${name} udp dport ${port} accept; nft insert rule ${family} ${table} ${name} tcp dport ${port} accept`,
    };
  });
}

function nameFindings({ publicHost, resolved, own, port }: UdpPortFacts): CheckFinding[] {
  if (resolved === null) {
    return [
      {
        code: 'PUBLIC_HOST_UNRESOLVED',
        severity: 'problem',
        facts: { host: publicHost },
        message: `clients are told to connect to ${publicHost}, which has no address`,
        remedy:
          'make an A or AAAA record for it, or set server.host in server.toml to a name or address that works',
      },
    ];
  }
  // Of names the hosts file may answer with this machine itself, which says nothing about others.
  const told =
    classOf(publicHost) === null ? resolved.filter((one) => classOf(one) !== 'loopback') : resolved;
  if (told.length === 0) return [];
  const isPublic = told.some((address) => classOf(address) === 'global');
  if (!isPublic) {
    return [
      {
        code: 'PUBLIC_HOST_PRIVATE',
        severity: 'warning',
        facts: { host: publicHost, addresses: told, port },
        message: `clients are told ${publicHost}, an address that only its own network reaches`,
        remedy:
          `behind a router: forward UDP and TCP port ${port} to this host, and set server.host in server.toml to ` +
          'the public name or address of the router; in one network only, this is as it should be',
      },
    ];
  }
  if (own === null || told.some((address) => own.includes(address))) return [];
  return [
    {
      code: 'PUBLIC_HOST_ELSEWHERE',
      severity: 'warning',
      facts: { host: publicHost, addresses: told, own, port },
      message: `${publicHost} leads to ${told.join(', ')}, which is no address of this host`,
      remedy:
        `if that is a router or load balancer in front of this host: forward UDP and TCP port ${port} to it; ` +
        'else correct the DNS record, or server.host in server.toml',
    },
  ];
}

function frontFindings({ frontProblem, port }: UdpPortFacts): CheckFinding[] {
  if (frontProblem === null) return [];
  return [
    {
      code: 'ENROLMENT_PORT_CLOSED',
      severity: 'warning',
      facts: { port, reason: frontProblem.code },
      message: `links and renewal do not work, as TCP port ${port} is not open: ${frontProblem.message}`,
      remedy: 'free the port; it is tried again every 30 seconds',
    },
  ];
}

function classOf(host: string): ReturnType<typeof classifyAddress> | null {
  const parsed = parseAddress(host);
  return parsed.ok ? classifyAddress(parsed.value) : null;
}
