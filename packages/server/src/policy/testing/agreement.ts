import type { Engine, EngineOptions, EngineResult } from '@masque-vpn/engine';
import { protocols } from '@masque-vpn/engine/testing/packets';
import { parseAddress, parsePrefix, type IpAddress, type Prefix } from '@masque-vpn/protocol';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { RuleContent, RuleDestination, RuleSubject } from '../../store/rules.js';
import { AccessControl, type AccessHold } from '../access.js';
import { PolicyBook } from '../book.js';
import { Explainer } from '../explain.js';
import { Labels } from '../labels.js';
import { Meters } from '../meters.js';
import { RuleSets } from '../ruleSets.js';
import { clientForwarding, EngineOfClients, type Fate } from './engineOfClients.js';
import { MemoryPolicy, type PolicyText } from './memoryPolicy.js';
import type { PacketText } from './packet.js';

const clients = ['alice', 'bob', 'carol'] as const;
const groups = ['staff', 'servers'] as const;
/** Client → addresses. */
const addresses: Readonly<Record<string, readonly string[]>> = {
  alice: ['10.89.0.2', 'fd89::2'],
  bob: ['10.89.0.3', 'fd89::3'],
  carol: ['10.89.0.4', 'fd89::4'],
};
/** Behind carol. */
const site = '192.168.7.0/24';
const name = 'files.example.org';
const addressesOf = (asked: string): readonly string[] =>
  asked === name ? ['198.51.100.20/32', '2001:db8:1::20/128'] : [];

const outside = ['198.51.100.7', '198.51.100.20', '203.0.113.9', '2001:db8:1::20', '2001:db8:2::1'];
/** Of a client, behind one, of the server, of nobody. */
const inside = [...Object.values(addresses).flat(), '192.168.7.9', '10.89.0.1', 'fd89::1', '10.89.0.77'];

const id = fc.constantFrom(...clients);
const groupId = fc.constantFrom(...groups);
const someClients = fc.oneof(
  fc.record({ kind: fc.constant('group' as const), id: groupId }),
  fc.record({ kind: fc.constant('client' as const), id }),
);
const prefixList = fc.uniqueArray(
  fc.constantFrom(
    '198.51.100.0/24',
    '198.51.100.7/32',
    '203.0.113.0/24',
    '2001:db8::/32',
    '0.0.0.0/0',
    '::/0',
  ),
  { minLength: 1, maxLength: 3 },
);
const subject: fc.Arbitrary<RuleSubject> = fc.oneof(
  fc.constant({ kind: 'everyone' as const }),
  someClients,
  fc.record({ kind: fc.constant('prefixes' as const), prefixes: prefixList }),
);
const destination: fc.Arbitrary<RuleDestination> = fc.oneof(
  fc.constant({ kind: 'any' as const }),
  fc.record({ kind: fc.constant('prefixes' as const), prefixes: prefixList }),
  fc.constantFrom(name, 'unknown.example.org').map((host) => ({ kind: 'name' as const, name: host })),
  someClients,
);
const protocolAndPorts = fc.oneof(
  fc.constantFrom(0, 1, 47, 58).map((protocol) => ({ protocol, ports: [] })),
  fc.record({
    protocol: fc.constantFrom(6, 17),
    ports: fc.array(fc.constantFrom([53, 53] as const, [80, 443] as const), { maxLength: 2 }),
  }),
);
const rule: fc.Arbitrary<Partial<RuleContent>> = fc
  .record({
    enabled: fc.boolean().map((off) => !off),
    action: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
    subject,
    destination,
    service: protocolAndPorts,
  })
  .map(({ service, ...rest }) => ({ ...rest, ...service }));
const policy: fc.Arbitrary<PolicyText> = fc.record({
  members: fc.record({
    alice: fc.subarray([...groups]),
    bob: fc.subarray([...groups]),
    carol: fc.subarray([...groups]),
  }),
  rules: fc.array(rule, { maxLength: 6 }),
  prefixes: fc.constant({ carol: [site] }),
});
const flow = fc.record({
  from: id,
  to: fc.constantFrom(...outside, ...inside),
  service: fc.constantFrom([17, 53], [17, 9_000], [6, 80], [6, 22], [1, null], [47, null] as const),
});

/**
 * Random policies and packets: what `explain` says is what the engine does. Only for packets that clients send:
 * those need no TUN.
 */
export async function expectAgreement(
  open: (options: EngineOptions) => EngineResult<Engine>,
  runs: number,
): Promise<void> {
  await using engines = await EngineOfClients.start(open);
  const control = new EngineSide(engines);
  const openings = new Openings();
  let sourcePort = 10_000;
  await fc.assert(
    fc.asyncProperty(policy, fc.array(flow, { minLength: 5, maxLength: 12 }), async (text, flows) => {
      await control.follow(text);
      const explainer = explainerOf(control.book);
      for (const { from, to, service } of flows) {
        sourcePort = sourcePort === 60_000 ? 10_000 : sourcePort + 1;
        const packet = packetOf(from, to, service, sourcePort);
        if (packet === null || openings.isAnswer(packet)) continue;
        const { passes, reason } = explainer.explain({
          from: { kind: 'client', clientUuid: from },
          to: { kind: 'address', address: addressOf(to) },
          protocol: packet.protocol,
          port: packet.port,
        });
        const fate = await engines.send(from, packet);
        expect({ packet, passes, reason, fate }).toEqual({ packet, passes: didPass(fate), reason, fate });
      }
    }),
    // Engines keep state from run to run: a smaller example is another one.
    { numRuns: runs, endOnFailure: true },
  );
}

/**
 * Tells the first packet of a flow from an answer, which passes because the flow does: a source port makes every
 * packet a flow of its own, but some protocols have no ports.
 */
class Openings {
  readonly #opened = new Set<string>();

  /** Remembers what opens a flow. */
  isAnswer({ source, destination, protocol }: PacketText): boolean {
    if (protocol !== protocols.gre) return false;
    if (this.#opened.has(`${destination} ${source}`)) return true;
    this.#opened.add(`${source} ${destination}`);
    return false;
  }
}

/** Keeps the engine's sessions at what the policy says, as a server does. */
class EngineSide {
  readonly book: PolicyBook;
  readonly #policy: MemoryPolicy;
  readonly #engines: EngineOfClients;
  readonly #control: AccessControl;
  readonly #holds = new Map<string, AccessHold>();

  constructor(engines: EngineOfClients) {
    const logger = pino({ level: 'silent' });
    this.#engines = engines;
    this.#policy = new MemoryPolicy();
    this.book = new PolicyBook(this.#policy);
    this.#control = new AccessControl({
      book: this.book,
      limitsOf: () => null,
      labels: new Labels(),
      names: { addressesOf },
      ruleSets: new RuleSets(engines.engine, logger),
      meters: new Meters(engines.engine, logger),
      serverRoutes: [],
    });
  }

  async follow(text: PolicyText): Promise<void> {
    this.#policy.hold(text);
    await this.book.readEverything();
    if (this.#holds.size === 0) {
      for (const client of clients) await this.#open(client);
      return;
    }
    const shared = this.#control.beginFollowing([...this.#holds.values()]);
    for (const [client, before] of this.#holds) {
      this.#control.follow(before, shared, (hold) => {
        this.#holds.set(client, hold);
        this.#engines.update(client, this.#forwarding(client, hold));
      });
    }
  }

  async #open(client: string): Promise<void> {
    const hold = this.#control.take(client);
    this.#holds.set(client, hold);
    await this.#engines.open(client, this.#forwarding(client, hold));
  }

  #forwarding(client: string, hold: AccessHold): ReturnType<typeof clientForwarding> {
    return clientForwarding(addresses[client] ?? [], hold.access, client === 'carol' ? [site] : []);
  }
}

function explainerOf(book: PolicyBook): Explainer {
  return new Explainer({
    book,
    addressesOf,
    routesOf: () => everywhere,
    addressesOfClient: (client) => (addresses[client] ?? []).map(addressOf),
    holderOf: (address) => holderOf(address),
    pools: ['10.89.0.0/24', 'fd89::/64'].map(prefixOf),
    gateways: ['10.89.0.1', 'fd89::1'].map(addressOf),
    hostAccess: true,
  });
}

const everywhere = [
  { range: { start: addressOf('0.0.0.0'), end: addressOf('255.255.255.255') }, protocol: 0 },
  {
    range: { start: addressOf('::'), end: addressOf('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff') },
    protocol: 0,
  },
];

function holderOf(address: IpAddress): string | null {
  const found = Object.entries(addresses).find(([, own]) =>
    own.map(addressOf).some((each) => each.family === address.family && each.value === address.value),
  );
  return found?.[0] ?? null;
}

/** Null where a client would talk to itself. */
function packetOf(
  from: string,
  to: string,
  [protocol, port]: readonly [number, number | null] | readonly (number | null)[],
  sourcePort: number,
): PacketText | null {
  const family = to.includes(':') ? 1 : 0;
  const source = addresses[from]?.[family] ?? '';
  if (source === to) return null;
  const number = protocol === 1 && family === 1 ? 58 : (protocol ?? 0);
  return { source, destination: to, protocol: number, sourcePort, port: port ?? null };
}

function didPass(fate: Fate): boolean {
  return fate === 'left' || fate === 'switched';
}

function addressOf(text: string): IpAddress {
  const address = parseAddress(text);
  if (!address.ok) throw new Error(address.error.message);
  return address.value;
}

function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (!prefix.ok) throw new Error(prefix.error.message);
  return prefix.value;
}
