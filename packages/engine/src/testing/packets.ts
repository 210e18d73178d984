import { addressToBytes, parseAddress } from '@masque-vpn/protocol';

/** What a test says of a packet; the rest is filled in, checksums of IPv4 and ICMPv4 included. */
export interface PacketShape {
  readonly source: string;
  readonly destination: string;
  readonly upper: Uint8Array;
  readonly protocol: number;
  readonly hopLimit?: number;
  /** IPv4: fragment offset in units of 8 bytes, and whether more follow. */
  readonly fragment?: { readonly id: number; readonly offset: number; readonly more: boolean };
}

export const protocols = { icmp: 1, tcp: 6, udp: 17, gre: 47, icmpv6: 58 } as const;
export const tcpFlags = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** The bytes of an IP packet; IPv6 if the addresses are. */
export function ipPacket(shape: PacketShape): Uint8Array {
  const [source, destination] = [addressBytes(shape.source), addressBytes(shape.destination)];
  return source.length === 4 ? ipv4(shape, source, destination) : ipv6(shape, source, destination);
}

/** UDP header and `size` bytes of payload. */
export function udp(sourcePort: number, destinationPort: number, size = 4): Uint8Array {
  const bytes = new Uint8Array(8 + size);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint16(4, bytes.length);
  return bytes;
}

export function tcp(sourcePort: number, destinationPort: number, flags: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  bytes.set([0x50, flags], 12);
  return bytes;
}

/** ICMPv4 echo request, or reply. */
export function echo(identifier: number, reply = false): Uint8Array {
  return checked(Uint8Array.of(reply ? 0 : 8, 0, 0, 0, identifier >> 8, identifier & 0xff, 0, 1));
}

/** ICMPv4 port unreachable about a packet. */
export function unreachable(quoted: Uint8Array): Uint8Array {
  return checked(Uint8Array.of(3, 3, 0, 0, 0, 0, 0, 0, ...quoted.subarray(0, 28)));
}

function ipv4(shape: PacketShape, source: Uint8Array, destination: Uint8Array): Uint8Array {
  const { fragment = { id: 1, offset: 0, more: false } } = shape;
  const bytes = new Uint8Array(20 + shape.upper.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, bytes.length);
  view.setUint16(4, fragment.id);
  view.setUint16(6, fragment.offset | (fragment.more ? 0x2000 : 0));
  bytes.set([shape.hopLimit ?? 64, shape.protocol], 8);
  bytes.set(source, 12);
  bytes.set(destination, 16);
  view.setUint16(10, checksum(bytes.subarray(0, 20)));
  bytes.set(shape.upper, 20);
  return bytes;
}

function ipv6(shape: PacketShape, source: Uint8Array, destination: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(40 + shape.upper.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, shape.upper.length);
  bytes.set([shape.protocol, shape.hopLimit ?? 64], 6);
  bytes.set(source, 8);
  bytes.set(destination, 24);
  bytes.set(shape.upper, 40);
  return bytes;
}

function checked(message: Uint8Array): Uint8Array {
  new DataView(message.buffer).setUint16(2, checksum(message));
  return message;
}

/** RFC 1071. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  bytes.forEach((byte, at) => {
    sum += at % 2 === 0 ? byte << 8 : byte;
  });
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function addressBytes(text: string): Uint8Array {
  const address = parseAddress(text);
  if (!address.ok) throw new Error(address.error.message);
  return addressToBytes(address.value);
}
