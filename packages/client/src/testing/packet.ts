/** A UDP packet without data. */
export function ipv4Packet(source: string, destination: string): Uint8Array {
  const packet = new Uint8Array(28);
  packet.set([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]);
  packet.set(source.split('.').map(Number), 12);
  packet.set(destination.split('.').map(Number), 16);
  packet.set([0x30, 0x39, 0, 53, 0, 8, 0, 0], 20);
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += ((packet[at] ?? 0) << 8) + (packet[at + 1] ?? 0);
  sum = (sum & 0xffff) + (sum >> 16);
  packet.set([(~sum >> 8) & 0xff, ~sum & 0xff], 10);
  return packet;
}
