import { ipPacket, protocols, tcp, tcpFlags, udp } from '@masque-vpn/engine/testing/packets';

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
  return ipPacket({ source, destination, protocol, upper: upperOf(protocol, sourcePort, port ?? 0) });
}

function upperOf(protocol: number, sourcePort: number, port: number): Uint8Array {
  if (protocol === protocols.icmp || protocol === protocols.icmpv6) {
    // Echo request; the identifier makes it a flow of its own.
    const kind = protocol === protocols.icmp ? 8 : 128;
    return Uint8Array.of(kind, 0, 0, 0, sourcePort >> 8, sourcePort & 0xff, 0, 1);
  }
  return protocol === protocols.tcp ? tcp(sourcePort, port, tcpFlags.syn) : udp(sourcePort, port);
}
