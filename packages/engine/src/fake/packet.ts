import type { DropReason } from '../snapshot.js';

/** What the fake needs to know of an IP packet. Addresses are text that `node:net` understands. */
export interface PacketHeader {
  readonly family: 'ipv4' | 'ipv6';
  readonly source: string;
  readonly destination: string;
  /** The first protocol number that is no IPv6 extension header (CIP-901). */
  readonly protocol: number;
}

/** IPv6 extension headers that are walked over. */
const extensionHeaders = new Set([0, 43, 44, 51, 60, 135, 139, 140]);
const mostExtensionHeaders = 8;

/** Reads the header; null if the packet is not well-formed: version, lengths (CIP-1001). Checksums are not looked at. */
export function parsePacket(packet: Uint8Array): PacketHeader | null {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const version = packet.length > 0 ? view.getUint8(0) >> 4 : 0;
  if (version === 4) return parseIpv4(packet, view);
  return version === 6 ? parseIpv6(packet, view) : null;
}

function parseIpv4(packet: Uint8Array, view: DataView): PacketHeader | null {
  if (packet.length < 20) return null;
  const headerLength = (view.getUint8(0) & 0x0f) * 4;
  if (headerLength < 20 || view.getUint16(2) !== packet.length || headerLength > packet.length) return null;
  return {
    family: 'ipv4',
    source: packet.subarray(12, 16).join('.'),
    destination: packet.subarray(16, 20).join('.'),
    protocol: view.getUint8(9),
  };
}

function parseIpv6(packet: Uint8Array, view: DataView): PacketHeader | null {
  if (packet.length < 40 || view.getUint16(4) !== packet.length - 40) return null;
  const protocol = upperLayerProtocol(view);
  if (protocol === null) return null;
  return { family: 'ipv6', source: ipv6Text(view, 8), destination: ipv6Text(view, 24), protocol };
}

function upperLayerProtocol(view: DataView): number | null {
  let next = view.getUint8(6);
  let offset = 40;
  for (let headers = 0; extensionHeaders.has(next); headers += 1) {
    if (headers === mostExtensionHeaders || offset + 8 > view.byteLength) return null;
    const lengthField = view.getUint8(offset + 1);
    const length = next === 44 ? 8 : next === 51 ? (lengthField + 2) * 4 : (lengthField + 1) * 8;
    next = view.getUint8(offset);
    offset += length;
    if (offset > view.byteLength) return null;
  }
  return next;
}

function ipv6Text(view: DataView, offset: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(offset + index * 2).toString(16));
  return groups.join(':');
}

/** Addresses that never cross the tunnel, with the reason (CIP-1012, CIP-1014); null if it may. */
export function forbiddenReason(
  address: string,
  family: 'ipv4' | 'ipv6',
): Extract<DropReason, 'linkLocal' | 'forbiddenAddress'> | null {
  if (family === 'ipv4') {
    if (address.startsWith('169.254.') || address.startsWith('224.0.0.')) return 'linkLocal';
    const first = Number(address.split('.')[0]);
    return first === 0 || first === 127 || first >= 224 ? 'forbiddenAddress' : null;
  }
  const first = Number.parseInt(address, 16);
  if ((first & 0xffc0) === 0xfe80 || first === 0xff02) return 'linkLocal';
  return (first & 0xff00) === 0xff00 || address.startsWith('0:0:0:0:0:') ? 'forbiddenAddress' : null;
}
