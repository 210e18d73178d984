import type { FirewallChain, FirewallMatch } from '@masque-vpn/host';

/** What is known of a packet: `udp.dport` → 443, `meta.iifname` → `eth0`. What is not named may be anything. */
export type PacketFacts = Readonly<Record<string, string | number>>;

/** A packet's way through the chains of one hook. */
export interface Passage {
  /** `restricted`: some such packets pass, others do not, or it cannot be told. */
  readonly outcome: 'open' | 'restricted' | 'closed';
  /** The chain where it ends; null when it is open. */
  readonly chain: Pick<FirewallChain, 'family' | 'table' | 'name'> | null;
}

/** A base chain says: let on, or not, or it depends. */
type Verdict = 'passed' | 'refused' | 'unsure';

/** Chains that may be nested; the kernel takes 16. */
const mostDepth = 16;

/**
 * Whether a packet gets through every base chain of a hook. A refusal of any chain is final, so the strictest
 * decides. Chains of other kinds than `filter` refuse nothing.
 *
 * @param family of the packet
 */
export function passageOf(
  chains: readonly FirewallChain[],
  hook: string,
  family: 4 | 6,
  packet: PacketFacts,
): Passage {
  const families = ['inet', family === 4 ? 'ip' : 'ip6'];
  const known: PacketFacts = { 'meta.nfproto': family === 4 ? 'ipv4' : 'ipv6', ...packet };
  let passage: Passage = { outcome: 'open', chain: null };
  for (const chain of chains) {
    if (chain.base?.hook !== hook || chain.base.type !== 'filter' || !families.includes(chain.family))
      continue;
    const verdict = new Judge(chains, chain, known).verdict();
    if (verdict === 'refused') return { outcome: 'closed', chain };
    if (verdict === 'unsure' && passage.outcome === 'open') passage = { outcome: 'restricted', chain };
  }
  return passage;
}

/** Follows one packet through a base chain and what it jumps to. */
class Judge {
  readonly #base: FirewallChain;
  readonly #byName: ReadonlyMap<string, FirewallChain>;
  readonly #packet: PacketFacts;
  /** A rule about something unknown may have let it on, or refused it, before. */
  #mayHavePassed = false;
  #mayBeRefused = false;

  constructor(chains: readonly FirewallChain[], base: FirewallChain, packet: PacketFacts) {
    this.#base = base;
    const own = chains.filter(({ family, table }) => family === base.family && table === base.table);
    this.#byName = new Map(own.map((chain) => [chain.name, chain]));
    this.#packet = packet;
  }

  verdict(): Verdict {
    const found = this.#follow(this.#base, 0) ?? (this.#base.base?.drops === true ? 'refused' : 'passed');
    if (found === 'refused') return this.#mayHavePassed ? 'unsure' : 'refused';
    return this.#mayBeRefused ? 'unsure' : 'passed';
  }

  /** Null: its end was reached, or it returned. */
  #follow(chain: FirewallChain, depth: number): 'passed' | 'refused' | null {
    if (depth > mostDepth) return null;
    for (const { matches, verdict } of chain.rules) {
      if (verdict === null) continue;
      const met = matches.map((match) => meets(this.#packet, match));
      if (met.includes('no')) continue;
      const isSure = !met.includes('unknown');
      switch (verdict.kind) {
        case 'accept':
          if (isSure) return 'passed';
          this.#mayHavePassed = true;
          break;
        case 'drop':
        case 'reject':
          if (isSure) return 'refused';
          this.#mayBeRefused = true;
          break;
        case 'return':
          if (isSure) return null;
          // What follows may not be about it.
          this.#mayHavePassed = true;
          this.#mayBeRefused = true;
          break;
        case 'jump':
        case 'goto': {
          const target = this.#byName.get(verdict.chain);
          const found = target === undefined ? null : this.#follow(target, depth + 1);
          if (isSure && (found !== null || verdict.kind === 'goto')) return found;
          if (found === 'passed') this.#mayHavePassed = true;
          if (found === 'refused') this.#mayBeRefused = true;
          break;
        }
        default:
      }
    }
    return null;
  }
}

function meets(packet: PacketFacts, { key, negated, values }: FirewallMatch): 'yes' | 'no' | 'unknown' {
  const own = key === null ? undefined : factOf(packet, key);
  if (own === undefined || own === 'absent') return own === 'absent' ? 'no' : 'unknown';
  if (values.length === 0) return 'unknown';
  const isIn = values.some((value) => isMet(own, value));
  return isIn === negated ? 'no' : 'yes';
}

/** What the packet has; `absent`: it is of another protocol. */
function factOf(packet: PacketFacts, key: string): string | number | undefined {
  const known = packet[key];
  if (known !== undefined) return known;
  const protocol = packet['meta.l4proto'];
  const [layer = '', field = ''] = key.split('.');
  if (key === 'ip.protocol' || key === 'ip6.nexthdr') return protocol;
  // `th`: the transport header, whatever it is.
  if (layer === 'th' && protocol !== undefined) return packet[`${String(protocol)}.${field}`];
  if (['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'dccp', 'esp', 'ah'].includes(layer)) {
    return protocol === undefined || protocol === layer ? undefined : 'absent';
  }
  const isOfOther =
    (layer === 'ip' && packet['meta.nfproto'] === 'ipv6') ||
    (layer === 'ip6' && packet['meta.nfproto'] === 'ipv4');
  return isOfOther ? 'absent' : undefined;
}

function isMet(own: string | number, value: FirewallMatch['values'][number]): boolean {
  if (typeof value === 'object') return typeof own === 'number' && own >= value[0] && own <= value[1];
  if (typeof value === 'string' && value.endsWith('*')) return String(own).startsWith(value.slice(0, -1));
  return own === value;
}
