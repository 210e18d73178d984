import {
  addressesEqual,
  isAssignable,
  parsePrefix,
  prefixContains,
  rangeContains,
  type IpAddress,
  type Prefix,
  type Route,
} from '@masque-vpn/protocol';
import type { PortForwardRecord } from '../store/reach.js';
import type { RuleRecord } from '../store/rules.js';
import type { PolicyBook } from './book.js';
import type { RuleParty } from './compile.js';
import { judge, prepareRules, type FirstPacket, type FlowEnd } from './judge.js';
import type { PacketReason } from './reasons.js';

/** One end of a packet in question. */
export type PacketEnd =
  | { readonly kind: 'client'; readonly clientUuid: string }
  | { readonly kind: 'address'; readonly address: IpAddress };

/** The first packet of a flow in question. */
export interface Packet {
  readonly from: PacketEnd;
  readonly to: PacketEnd;
  /** IP protocol number; 1 and 58 are the same: what counts is the family. */
  readonly protocol: number;
  readonly port: number | null;
}

/** Whether a packet passes, and what decides. */
export interface Explanation {
  readonly passes: boolean;
  readonly reason: PacketReason;
  readonly rule: RuleRecord | null;
  readonly forward: PortForwardRecord | null;
  readonly fromClientUuid: string | null;
  readonly toClientUuid: string | null;
}

export interface ExplainerOptions {
  readonly book: PolicyBook;
  readonly addressesOf: (name: string) => readonly string[];
  /** What is advertised to a client. */
  readonly routesOf: (clientUuid: string) => readonly Route[];
  /** Inner addresses that a client's sessions have now. */
  readonly addressesOfClient: (clientUuid: string) => readonly IpAddress[];
  /** Whose session has an inner address now, or for whom it is kept. */
  readonly holderOf: (address: IpAddress) => string | null;
  /** Prefixes that clients' addresses come from. */
  readonly pools: readonly Prefix[];
  /** The server's own tunnel addresses. */
  readonly gateways: readonly IpAddress[];
  /** Whether clients may reach services of the server itself. */
  readonly hostAccess: boolean;
}

/** Answers "would this packet pass?" by what holds now: the same as the engine would, and with the reason. */
export class Explainer {
  readonly #options: ExplainerOptions;

  constructor(options: ExplainerOptions) {
    this.#options = options;
  }

  explain(packet: Packet): Explanation {
    const from = this.#locate(packet.from);
    const to = this.#locate(packet.to);
    const ends = { fromClientUuid: clientOf(from), toClientUuid: clientOf(to) };
    const refused = (reason: PacketReason): Explanation => ({
      passes: false,
      reason,
      rule: null,
      forward: null,
      ...ends,
    });
    if (from === 'never' || to === 'never') return refused('ADDRESS_NOT_FORWARDED');
    if (from === 'nobody' || to === 'nobody') return refused('ADDRESS_OF_NOBODY');
    if (from.kind === 'outside' && to.kind === 'outside') return refused('NOT_IN_TUNNEL');
    if (this.#staysAtClient(ends, packet.to)) return refused('NOT_IN_TUNNEL');
    if (from.kind === 'client' && !this.#isAdvertised(from.party.clientUuid, packet.to)) {
      return refused('DESTINATION_NOT_ADVERTISED');
    }
    const { book, addressesOf } = this.#options;
    const first: FirstPacket = { from, to, protocol: packet.protocol, port: packet.port };
    const decision = judge(first, prepareRules(book.rules, book.forwards, addressesOf));
    switch (decision.kind) {
      case 'nothing':
        return refused('NO_RULE');
      case 'forward':
        return { ...refused('PORT_FORWARD_ALLOWS'), passes: true, forward: decision.forward };
      case 'rule': {
        const { rule } = decision;
        if (!decision.passes) return { ...refused('RULE_DENIES'), rule };
        if (this.#isClosedHost(first)) return { ...refused('HOST_ACCESS_OFF'), rule };
        return { ...refused('RULE_ALLOWS'), passes: true, rule };
      }
    }
  }

  /** What a client is to rules. */
  partyOf(clientUuid: string): RuleParty {
    return { clientUuid, groups: new Set(this.#options.book.groupsOf(clientUuid).map(({ uuid }) => uuid)) };
  }

  /** Where an address is: a client, its network, or outside. */
  endOf(address: IpAddress): FlowEnd | 'nobody' | 'never' {
    const { pools, gateways, book, holderOf } = this.#options;
    if (gateways.some((own) => addressesEqual(own, address))) return { kind: 'outside', address };
    const holder = holderOf(address);
    if (holder !== null) return { kind: 'client', party: this.partyOf(holder) };
    if (pools.some((pool) => prefixContains(pool, address))) return 'nobody';
    const behind = book.prefixes.find(({ prefix }) => {
      const parsed = parsePrefix(prefix);
      return parsed.ok && prefixContains(parsed.value, address);
    });
    if (behind !== undefined) return { kind: 'client', party: this.partyOf(behind.clientUuid) };
    // Link-local, loopback, multicast and the like never pass the engine.
    return isAssignable(address) ? { kind: 'outside', address } : 'never';
  }

  #locate(end: PacketEnd): FlowEnd | 'nobody' | 'never' {
    if (end.kind === 'client') return { kind: 'client', party: this.partyOf(end.clientUuid) };
    return this.endOf(end.address);
  }

  /** What is behind a client needs no tunnel to it, and gets none: nothing is sent back to where it came from. */
  #staysAtClient(
    { fromClientUuid, toClientUuid }: Pick<Explanation, 'fromClientUuid' | 'toClientUuid'>,
    to: PacketEnd,
  ): boolean {
    if (fromClientUuid === null || fromClientUuid !== toClientUuid) return false;
    return to.kind === 'address' && this.#options.holderOf(to.address) === null;
  }

  /** A client that is meant by name is where one of its addresses is; one that has none now is not looked for. */
  #isAdvertised(clientUuid: string, to: PacketEnd): boolean {
    const { routesOf, addressesOfClient } = this.#options;
    const addresses = to.kind === 'address' ? [to.address] : addressesOfClient(to.clientUuid);
    if (addresses.length === 0) return true;
    const routes = routesOf(clientUuid);
    return addresses.some((address) => routes.some(({ range }) => rangeContains(range, address)));
  }

  /** The kernel, not the engine, keeps clients from the server itself. */
  #isClosedHost({ to, protocol }: FirstPacket): boolean {
    if (this.#options.hostAccess || to.kind !== 'outside' || protocol === 1 || protocol === 58) return false;
    return this.#options.gateways.some((own) => addressesEqual(own, to.address));
  }
}

function clientOf(end: FlowEnd | 'nobody' | 'never'): string | null {
  return typeof end === 'object' && end.kind === 'client' ? end.party.clientUuid : null;
}
