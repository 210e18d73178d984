import { BlockList, isIP } from 'node:net';
import type { Forwarding, RouteRange } from '../engine.js';
import type { DropReason } from '../snapshot.js';
import type { PacketHeader } from './packet.js';

/** ICMP passes whatever protocol a route names (RFC 9484 §4.7.3). */
const icmp = new Set([1, 58]);

/** Forwarding state in a form that packets can be asked against. */
export class Routing {
  readonly role: Forwarding['role'];
  readonly usesIpv6: boolean;
  readonly #assigned = new BlockList();
  readonly #routes: { readonly protocol: number; readonly range: BlockList }[];

  private constructor(forwarding: Forwarding) {
    this.role = forwarding.role;
    this.usesIpv6 = forwarding.assigned.some((prefix) => prefix.includes(':'));
    for (const prefix of forwarding.assigned) addPrefix(this.#assigned, prefix);
    this.#routes = forwarding.routes.map(compileRoute);
  }

  /** The text says what is wrong with `forwarding`. */
  static compile(forwarding: Forwarding): Routing | string {
    try {
      return new Routing(forwarding);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  owns(address: string, family: PacketHeader['family']): boolean {
    return this.#assigned.check(address, family);
  }

  /** Null if `destination` may be reached with this protocol. */
  refusal({
    destination,
    family,
    protocol,
  }: PacketHeader): Extract<DropReason, 'noRoute' | 'protocolRefused'> | null {
    const covering = this.#routes.filter(({ range }) => range.check(destination, family));
    if (covering.length === 0) return 'noRoute';
    const permits = (route: { protocol: number }): boolean =>
      route.protocol === 0 || route.protocol === protocol || icmp.has(protocol);
    return covering.some(permits) ? null : 'protocolRefused';
  }
}

function addPrefix(list: BlockList, prefix: string): void {
  const [address = '', length = '', ...rest] = prefix.split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(length) || rest.length > 0)
    throw new RangeError(`no prefix: ${prefix}`);
  list.addSubnet(address, Number(length), family === 4 ? 'ipv4' : 'ipv6');
}

function compileRoute({ start, end, protocol }: RouteRange): { protocol: number; range: BlockList } {
  const family = isIP(start);
  if (family === 0 || isIP(end) !== family || protocol < 0 || protocol > 255)
    throw new RangeError(`no route: ${start}-${end} protocol ${protocol}`);
  const range = new BlockList();
  range.addRange(start, end, family === 4 ? 'ipv4' : 'ipv6');
  return { protocol, range };
}
