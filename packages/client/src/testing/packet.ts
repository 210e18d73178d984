import { ipPacket, protocols, udp } from '@masque-vpn/engine/testing/packets';

/** A UDP packet without data. */
export function ipv4Packet(source: string, destination: string): Uint8Array {
  return ipPacket({ source, destination, protocol: protocols.udp, upper: udp(12345, 53, 0) });
}
