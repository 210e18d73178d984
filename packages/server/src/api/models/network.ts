import { isIP } from 'node:net';
import { parseAddress, parsePrefix } from '@masque-vpn/protocol';
import { z } from 'zod';

/** An IP address, `192.0.2.1` or `2001:db8::1`. */
export const AddressText = z
  .string()
  .max(45)
  .refine((text) => parseAddress(text).ok, 'must be an IP address');

/** An IP prefix without host bits, `10.0.0.0/8`; an address alone is the prefix of one host. */
export const PrefixText = z
  .string()
  .max(49)
  .refine((text) => parsePrefix(text).ok, 'must be an IP prefix whose bits below its length are zero');

/** A DNS name, `files.example.org`, without a dot at the end; never an address. */
export const DnsNameText = z
  .string()
  .max(253)
  .regex(
    /^(?=.*[a-zA-Z])(?:[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?\.)*[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/,
    'must be a DNS name',
  )
  .refine((text) => isIP(text) === 0, 'must be a name, not an address');

export const PortNumber = z.int().min(1).max(65_535);

/** `any`, `icmp` (of both families), `tcp`, `udp`, or an IP protocol number. */
export const ProtocolModel = z.union([z.enum(['any', 'icmp', 'tcp', 'udp']), z.int().min(1).max(255)]);
export type ProtocolModel = z.infer<typeof ProtocolModel>;

const protocolNumbers = { any: 0, icmp: 1, tcp: 6, udp: 17 } as const;

/** The IP protocol number; 0 is all of them, 1 is ICMP of both families. */
export function protocolNumber(protocol: ProtocolModel): number {
  return typeof protocol === 'number' ? protocol : protocolNumbers[protocol];
}

/** The protocol as the API shows it: by name where it has one. */
export function protocolModel(number: number): ProtocolModel {
  for (const name of ['any', 'icmp', 'tcp', 'udp'] as const) {
    if (protocolNumbers[name] === number) return name;
  }
  return number;
}

/** Name or address by which clients reach the server. */
export const PublicHostText = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9._:-]+$/, 'must be a name or address');
