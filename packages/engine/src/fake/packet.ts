import { addressFromBytes, classifyAddress, type IpAddress } from '@masque-vpn/protocol';
import type { DropReason } from '../snapshot.js';

/** What the fake needs to know of an IP packet. */
export interface PacketHeader {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** The first protocol number that is no IPv6 extension header (CIP-901). */
  readonly protocol: number;
  readonly hopLimit: number;
  readonly fragment: 'whole' | 'first' | 'later';
  /** What the fragments of one datagram share. */
  readonly fragmentId: number;
  /** What follows the headers that were walked over. */
  readonly upper: Uint8Array;
}

/** A flow, the same for packets of both directions; `local` is the peer's side. */
export interface FlowKey {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly localPort: number;
  readonly remotePort: number;
  readonly protocol: number;
}

/** IPv6 extension headers that are walked over. */
const extensionHeaders = new Set([0, 43, 44, 51, 60, 135, 139, 140]);
const mostExtensionHeaders = 8;

/** Reads the header; null if the packet is not well-formed: version, lengths (CIP-1001). Checksums are not looked at. */
export function parsePacket(packet: Uint8Array): PacketHeader | null {
  const view = viewOf(packet);
  const header = parseQuoted(packet);
  if (header === null) return null;
  const length = header.source.family === 4 ? view.getUint16(2) : view.getUint16(4) + 40;
  return length === packet.length ? header : null;
}

/** Reads the header of a packet that may have been cut short, as an ICMP error quotes it. */
export function parseQuoted(packet: Uint8Array): PacketHeader | null {
  const view = viewOf(packet);
  const version = packet.length > 0 ? view.getUint8(0) >> 4 : 0;
  if (version === 4) return parseIpv4(packet, view);
  return version === 6 ? parseIpv6(packet, view) : null;
}

/** One hop less (CIP-1007), in a copy with the right checksum; null if there is none left. */
export function withOneHopLess(packet: Uint8Array, { hopLimit, source }: PacketHeader): Uint8Array | null {
  if (hopLimit <= 1) return null;
  const copy = packet.slice();
  const view = viewOf(copy);
  view.setUint8(source.family === 4 ? 8 : 7, hopLimit - 1);
  if (source.family === 6) return copy;
  view.setUint16(10, 0);
  let sum = 0;
  for (let at = 0; at < (view.getUint8(0) & 0x0f) * 4; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(10, ~sum & 0xffff);
  return copy;
}

function viewOf(packet: Uint8Array): DataView {
  return new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
}

function parseIpv4(packet: Uint8Array, view: DataView): PacketHeader | null {
  if (packet.length < 20) return null;
  const headerLength = (view.getUint8(0) & 0x0f) * 4;
  if (headerLength < 20 || headerLength > packet.length) return null;
  const offsetAndMore = view.getUint16(6) & 0x3fff;
  return {
    source: addressFromBytes(packet.subarray(12, 16)),
    destination: addressFromBytes(packet.subarray(16, 20)),
    protocol: view.getUint8(9),
    hopLimit: view.getUint8(8),
    fragment: offsetAndMore === 0 ? 'whole' : offsetAndMore === 0x2000 ? 'first' : 'later',
    fragmentId: view.getUint16(4),
    upper: packet.subarray(headerLength),
  };
}

function parseIpv6(packet: Uint8Array, view: DataView): PacketHeader | null {
  if (packet.length < 40) return null;
  const chain = walkExtensions(view);
  if (chain === null) return null;
  const { protocol, offset, fragment, fragmentId } = chain;
  return {
    source: addressFromBytes(packet.subarray(8, 24)),
    destination: addressFromBytes(packet.subarray(24, 40)),
    protocol,
    hopLimit: view.getUint8(7),
    fragment,
    fragmentId,
    upper: packet.subarray(offset),
  };
}

type Chain = Pick<PacketHeader, 'protocol' | 'fragment' | 'fragmentId'> & { readonly offset: number };

/** Null if the headers are too many or overrun the packet (CIP-903). A later fragment's end the walk (CIP-905). */
function walkExtensions(view: DataView): Chain | null {
  let protocol = view.getUint8(6);
  let offset = 40;
  let fragment: PacketHeader['fragment'] = 'whole';
  let fragmentId = 0;
  for (let headers = 0; extensionHeaders.has(protocol) && fragment !== 'later'; headers += 1) {
    if (headers === mostExtensionHeaders || offset + 8 > view.byteLength) return null;
    if (protocol === 44) {
      const offsetAndMore = view.getUint16(offset + 2);
      fragment = offsetAndMore >= 8 ? 'later' : (offsetAndMore & 1) === 1 ? 'first' : 'whole';
      fragmentId = view.getUint32(offset + 4);
    }
    const lengthField = view.getUint8(offset + 1);
    const length = protocol === 44 ? 8 : protocol === 51 ? (lengthField + 2) * 4 : (lengthField + 1) * 8;
    protocol = view.getUint8(offset);
    offset += length;
    if (offset > view.byteLength) return null;
  }
  return { protocol, offset, fragment, fragmentId };
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
