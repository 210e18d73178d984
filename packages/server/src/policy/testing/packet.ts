import { addressToBytes, parseAddress } from '@masque-vpn/protocol';

/** The first packet of a flow, as little of it as an engine looks at. */
export interface PacketText {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number;
  /** Null: a protocol without ports. */
  readonly port: number | null;
}

/** Its bytes, IPv4 or IPv6. */
export function packetBytes({ source, destination, protocol, sourcePort, port }: PacketText): Uint8Array {
  const [from, to] = [bytesOf(source), bytesOf(destination)];
  const upper = upperOf(protocol, sourcePort, port);
  return from.length === 4 ? ipv4(from, to, protocol, upper) : ipv6(from, to, protocol, upper);
}

function upperOf(protocol: number, sourcePort: number, port: number | null): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  if (protocol === 1 || protocol === 58) {
    // Echo request; the identifier makes it a flow of its own.
    view.setUint8(0, protocol === 1 ? 8 : 128);
    view.setUint16(4, sourcePort);
    return bytes;
  }
  view.setUint16(0, sourcePort);
  view.setUint16(2, port ?? 0);
  if (protocol === 17) view.setUint16(4, bytes.length);
  if (protocol === 6) bytes.set([0x50, 2], 12);
  return bytes;
}

function ipv4(from: Uint8Array, to: Uint8Array, protocol: number, upper: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(20 + upper.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, bytes.length);
  bytes.set([64, protocol], 8);
  bytes.set(from, 12);
  bytes.set(to, 16);
  view.setUint16(10, checksum(bytes.subarray(0, 20)));
  bytes.set(upper, 20);
  return bytes;
}

function ipv6(from: Uint8Array, to: Uint8Array, protocol: number, upper: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(40 + upper.length);
  new DataView(bytes.buffer).setUint16(4, upper.length);
  bytes[0] = 0x60;
  bytes.set([protocol, 64], 6);
  bytes.set(from, 8);
  bytes.set(to, 24);
  bytes.set(upper, 40);
  return bytes;
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

function bytesOf(text: string): Uint8Array {
  const address = parseAddress(text);
  if (!address.ok) throw new Error(address.error.message);
  return addressToBytes(address.value);
}
