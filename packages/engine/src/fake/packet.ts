import { addressFromBytes, classifyAddress, type IpAddress } from '@masque-vpn/protocol';
import type { DropReason } from '../snapshot.js';

/** What the fake needs to know of an IP packet. */
export interface PacketHeader {
  readonly source: IpAddress;
  readonly destination: IpAddress;
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
    source: addressFromBytes(packet.subarray(12, 16)),
    destination: addressFromBytes(packet.subarray(16, 20)),
    protocol: view.getUint8(9),
  };
}

function parseIpv6(packet: Uint8Array, view: DataView): PacketHeader | null {
  if (packet.length < 40 || view.getUint16(4) !== packet.length - 40) return null;
  const protocol = upperLayerProtocol(view);
  if (protocol === null) return null;
  return {
    source: addressFromBytes(packet.subarray(8, 24)),
    destination: addressFromBytes(packet.subarray(24, 40)),
    protocol,
  };
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

/** Why an address never crosses the tunnel (CIP-1012, CIP-1014); null if it may. */
export function forbiddenReason(
  address: IpAddress,
): Extract<DropReason, 'linkLocal' | 'forbiddenAddress'> | null {
  const kind = classifyAddress(address);
  if (kind === 'linkLocal' || (kind === 'multicast' && isLinkLocalMulticast(address))) return 'linkLocal';
  return kind === 'private' || kind === 'global' ? null : 'forbiddenAddress';
}

/** 224.0.0.0/24 and ff02::/16. */
function isLinkLocalMulticast({ family, value }: IpAddress): boolean {
  return family === 4 ? value >> 8n === 0xe0_00_00n : value >> 112n === 0xff02n;
}
