import { forwardException } from '../network/hostWarnings.js';
import { checkOf, type Check, type CheckFinding } from './check.js';
import type { Passage } from './passage.js';

/** How packets of one family go on from the tunnel. */
export interface FamilyForwarding {
  readonly family: 4 | 6;
  /** The interface of the default route; null: there is none. */
  readonly uplink: string | null;
  /** Parameters that are 0 and must not be, as files below /proc/sys. */
  readonly off: readonly string[];
  /** Packets of clients on their way out, and answers on their way back; null: the firewall could not be read. */
  readonly out: Passage | null;
  readonly back: Passage | null;
}

/** What is known about the way from the tunnel to everything else. */
export interface ForwardingFacts {
  readonly tun: {
    readonly name: string;
    /** Null: it is up. */
    readonly problem: { readonly code: string; readonly message: string } | null;
  };
  /** Whether this server sets addresses, forwarding and filters. */
  readonly managed: boolean;
  readonly families: readonly FamilyForwarding[];
  /** Why the host could not be looked at; null: it could. */
  readonly unreadable: { readonly code: string; readonly message: string } | null;
  /** Of Docker's own chain for rules of administrators. */
  readonly docker: boolean;
  /** Since the start, of all clients. */
  readonly packets: { readonly fromClients: number; readonly toClients: number };
}

/** Packets after which something should have come back. */
const enoughPackets = 20;

/** Do packets of clients get further than this host? */
export function checkForwarding(facts: ForwardingFacts): Check {
  const { tun, unreadable, managed } = facts;
  if (tun.problem !== null) return checkOf('forwarding', [tunDown(tun.problem)]);
  if (unreadable !== null)
    return checkOf('forwarding', [...packetFindings(facts), hostUnreadable(unreadable)]);
  const broken = facts.families.flatMap((family) => familyFindings(facts, family));
  const works = facts.families.length > 0 && broken.every(({ severity }) => severity !== 'problem');
  return checkOf('forwarding', [
    ...(works ? [ready(facts)] : []),
    ...broken,
    ...packetFindings(facts),
    ...(managed ? [] : [notManaged]),
  ]);
}

export function tunDown(problem: { readonly code: string; readonly message: string }): CheckFinding {
  return {
    code: 'TUN_DOWN',
    severity: 'problem',
    facts: { reason: problem.code },
    message: `there is no tunnel interface: ${problem.message}`,
    remedy: `see ${problem.code} in docs/errors.md; it is tried again every few seconds`,
  };
}

export function hostUnreadable(problem: { readonly code: string; readonly message: string }): CheckFinding {
  return {
    code: 'HOST_UNREADABLE',
    severity: 'unknown',
    facts: { reason: problem.code },
    message: `this host cannot be looked at: ${problem.message}`,
    remedy: `see ${problem.code} in docs/errors.md`,
  };
}

const notManaged: CheckFinding = {
  code: 'HOST_NOT_MANAGED',
  severity: 'info',
  facts: {},
  message: 'network.manage is false: addresses, forwarding and filters are set by somebody else',
  remedy: null,
};

function ready({ families, tun }: ForwardingFacts): CheckFinding {
  const ways = families.flatMap(({ family, uplink }) =>
    uplink === null ? [] : [`IPv${family} by ${uplink}`],
  );
  return {
    code: 'FORWARDING_READY',
    severity: 'ok',
    facts: { tun: tun.name, ways },
    message: `packets go from ${tun.name} on: ${ways.join(', ')}`,
    remedy: null,
  };
}

function familyFindings(facts: ForwardingFacts, way: FamilyForwarding): CheckFinding[] {
  const { family, uplink, off } = way;
  const findings: CheckFinding[] = off.map((key) => ({
    code: 'FORWARDING_OFF',
    severity: 'problem',
    facts: { family, key },
    message: `the kernel does not forward IPv${family}: ${key} is 0`,
    remedy: `sysctl -w ${key.replaceAll('/', '.')}=1; something on this host keeps turning it off, look into /etc/sysctl.d`,
  }));
  if (uplink === null) {
    const others = facts.families.some((other) => other.uplink !== null);
    findings.push({
      code: 'DEFAULT_ROUTE_MISSING',
      severity: others ? 'info' : 'problem',
      facts: { family },
      message: `this host has no IPv${family} default route: clients get no further than its own networks over IPv${family}`,
      remedy: `give the host IPv${family}, or set ${family === 4 ? 'pool.ipv4' : 'pool.ipv6'} = [] in server.toml`,
    });
  }
  const blocked = [way.out, way.back].find((passage) => passage?.outcome === 'closed');
  if (blocked?.chain) findings.push(chainDrops(facts, family, blocked.chain));
  return findings;
}

function chainDrops(
  { tun, docker }: ForwardingFacts,
  packetFamily: 4 | 6,
  { family, table, name }: NonNullable<Passage['chain']>,
): CheckFinding {
  return {
    code: 'FORWARD_CHAIN_DROPS',
    severity: 'problem',
    facts: { family: packetFamily, nftFamily: family, table, chain: name, docker, tun: tun.name },
    message: `the firewall chain ${family} ${table} ${name} drops IPv${packetFamily} packets of clients${docker ? ' (Docker set this)' : ''}`,
    remedy: forwardException({ family, table, chain: name, docker }, tun.name),
  };
}

function packetFindings({ packets }: ForwardingFacts): CheckFinding[] {
  const { fromClients, toClients } = packets;
  if (toClients > 0 && fromClients > 0) {
    return [
      {
        code: 'PACKETS_RETURNED',
        severity: 'ok',
        facts: { fromClients, toClients },
        message: `${fromClients} packets of clients went out, ${toClients} came back for them`,
        remedy: null,
      },
    ];
  }
  if (fromClients < enoughPackets) return [];
  return [
    {
      code: 'PACKETS_NOT_RETURNED',
      severity: 'problem',
      facts: { fromClients },
      message: `${fromClients} packets of clients went out, and none came back`,
      remedy:
        'look at the other findings; if there are none, look at what is between this host and the Internet: ' +
        'its firewall, or, without NAT, the routes back to the pools',
    },
  ];
}
