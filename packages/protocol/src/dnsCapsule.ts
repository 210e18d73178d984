import { addressToBytes, type IpAddress, type IpFamily } from './address.js';
import { ByteReader, concatBytes, uint16Bytes } from './byteReader.js';
import { type Capsule, type CapsuleError, capsuleFault, CapsuleType } from './capsule.js';
import type { DnsConfiguration, Nameserver } from './dns.js';
import { parseDomainName } from './domainName.js';
import { DEFAULT_LIMITS, type SessionLimits } from './limits.js';
import { ok, type Result } from './result.js';
import { decodeServiceParameters, encodeServiceParameters, SERVICE_KEYS } from './serviceParameters.js';
import { encodeVarint } from './varint.js';

/**
 * DNS_ASSIGN with these configurations, the complete list each time; an empty one takes back what was assigned
 * (draft-ietf-masque-connect-ip-dns-06 §3.4). Per configuration three lists, each led by its length (varint):
 * nameservers, internal domains, search domains. A domain is its length (varint) and its text; a nameserver is
 * priority (2 bytes), IPv4 and IPv6 addresses (lists as above), a domain, and service parameters led by their bytes
 * (varint). It is never sent before the ROUTE_ADVERTISEMENT that leads to the nameservers (§5).
 */
export function encodeDnsAssign(configurations: readonly DnsConfiguration[]): Capsule {
  return { type: CapsuleType.dnsAssign, value: concatBytes(configurations.map(encodeConfiguration)) };
}

/** Whether both say the same, in the same order. */
export function dnsEqual(a: readonly DnsConfiguration[], b: readonly DnsConfiguration[]): boolean {
  if (a === b) return true;
  const [left, right] = [encodeDnsAssign(a).value, encodeDnsAssign(b).value];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/**
 * Decodes the value of DNS_ASSIGN (CIP-1701). What breaks a rule of the draft is malformed, which ends the stream
 * (RFC 9297 §3.3): CAPSULE_TRUNCATED, CAPSULE_DNS_NAMESERVER, CAPSULE_DNS_NAME; CAPSULE_TOO_MUCH_DNS above
 * `dnsEntries`. Names come out as `parseDomainName` has them.
 */
export function decodeDnsAssign(
  value: Uint8Array,
  limits: SessionLimits = DEFAULT_LIMITS,
): Result<DnsConfiguration[], CapsuleError> {
  const source = { reader: new ByteReader(value), most: limits.dnsEntries, entries: 0 };
  const configurations: DnsConfiguration[] = [];
  while (!source.reader.isAtEnd) {
    const configuration = decodeConfiguration(source);
    if (!configuration.ok) return configuration;
    configurations.push(configuration.value);
  }
  return ok(configurations);
}

function encodeConfiguration(configuration: DnsConfiguration): Uint8Array {
  const { nameservers, internalDomains, searchDomains } = configuration;
  return concatBytes([
    encodeList(nameservers.map(encodeNameserver)),
    encodeList(internalDomains.map(encodeDomain)),
    encodeList(searchDomains.map(encodeDomain)),
  ]);
}

function encodeNameserver({ priority, addresses, name, parameters }: Nameserver): Uint8Array {
  const of = (family: IpFamily): Uint8Array[] =>
    addresses.filter((address) => address.family === family).map(addressToBytes);
  const encoded = encodeServiceParameters(parameters);
  return concatBytes([
    uint16Bytes(priority),
    encodeList(of(4)),
    encodeList(of(6)),
    encodeDomain(name),
    encodeVarint(BigInt(encoded.length)),
    encoded,
  ]);
}

function encodeDomain(name: string): Uint8Array {
  return concatBytes([encodeVarint(BigInt(name.length)), new TextEncoder().encode(name)]);
}

function encodeList(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes([encodeVarint(BigInt(entries.length)), ...entries]);
}

/** Bytes of a domain, the dot at its end included. */
const LONGEST_DOMAIN = 254;

/** What is being read, and how many entries may come out of it. */
interface Source {
  readonly reader: ByteReader;
  readonly most: number;
  entries: number;
}

const CUT = capsuleFault('CAPSULE_TRUNCATED', 'a DNS configuration is cut');

function decodeConfiguration(source: Source): Result<DnsConfiguration, CapsuleError> {
  const counted = count(source);
  if (counted !== null) return counted;
  const nameservers = decodeList(source, decodeNameserver);
  if (!nameservers.ok) return nameservers;
  const internalDomains = decodeList(source, decodeDomain);
  if (!internalDomains.ok) return internalDomains;
  const searchDomains = decodeList(source, decodeDomain);
  if (!searchDomains.ok) return searchDomains;
  return ok({
    nameservers: nameservers.value,
    internalDomains: internalDomains.value,
    searchDomains: searchDomains.value,
  });
}

/** Holds no more than was received, whatever length the list says it has. */
function decodeList<Entry>(
  source: Source,
  decode: (source: Source) => Result<Entry, CapsuleError>,
): Result<Entry[], CapsuleError> {
  const length = source.reader.readVarint();
  if (length === null) return CUT;
  const entries: Entry[] = [];
  while (BigInt(entries.length) < length) {
    const counted = count(source);
    if (counted !== null) return counted;
    const entry = decode(source);
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  return ok(entries);
}

function count(source: Source): ReturnType<typeof capsuleFault> | null {
  if (source.entries === source.most) {
    return capsuleFault('CAPSULE_TOO_MUCH_DNS', `more than ${source.most} entries`);
  }
  source.entries += 1;
  return null;
}

function decodeNameserver(source: Source): Result<Nameserver, CapsuleError> {
  const priority = source.reader.readUint16();
  if (priority === null) return CUT;
  const ipv4 = decodeList(source, ({ reader }) => decodeAddress(reader, 4));
  if (!ipv4.ok) return ipv4;
  const ipv6 = decodeList(source, ({ reader }) => decodeAddress(reader, 6));
  if (!ipv6.ok) return ipv6;
  const name = decodeDomain(source);
  if (!name.ok) return name;
  const bytes = decodeBytes(source);
  if (bytes === null) return CUT;
  const parameters = decodeServiceParameters(bytes);
  if (parameters === null) {
    return capsuleFault('CAPSULE_DNS_NAMESERVER', 'service parameters that are cut or out of order');
  }
  const nameserver = { priority, addresses: [...ipv4.value, ...ipv6.value], name: name.value, parameters };
  const fault = nameserverFault(nameserver);
  return fault === null ? ok(nameserver) : capsuleFault('CAPSULE_DNS_NAMESERVER', fault);
}

/**
 * What of draft-ietf-masque-connect-ip-dns-06 §3.2 a nameserver breaks; null: nothing. Unencrypted DNS without an
 * address counts as a fault only where nothing else is offered: the draft's own example of DNS over HTTPS (§3.6.1)
 * has "alpn" without "no-default-alpn" and no address.
 */
function nameserverFault({ priority, addresses, name, parameters }: Nameserver): string | null {
  const has = (key: number): boolean => parameters.some((parameter) => parameter.key === key);
  const { alpn, noDefaultAlpn, ipv4hint, ipv6hint } = SERVICE_KEYS;
  if (priority === 0) return 'a nameserver of priority 0';
  if (has(ipv4hint) || has(ipv6hint)) return 'addresses among the service parameters of a nameserver';
  if (name === '' && (has(alpn) || has(noDefaultAlpn))) return 'encrypted DNS without a name';
  if (addresses.length === 0 && !has(alpn)) return 'a nameserver without an address';
  return null;
}

function decodeAddress(reader: ByteReader, family: IpFamily): Result<IpAddress, CapsuleError> {
  const address = reader.readAddress(family);
  return address === null ? CUT : ok(address);
}

function decodeDomain(source: Source): Result<string, CapsuleError> {
  const bytes = decodeBytes(source);
  if (bytes === null) return CUT;
  const name = bytes.length > LONGEST_DOMAIN ? null : parseDomainName(String.fromCharCode(...bytes));
  return name === null ? capsuleFault('CAPSULE_DNS_NAME', 'not a DNS name of A-labels') : ok(name);
}

function decodeBytes({ reader }: Source): Uint8Array | null {
  const length = reader.readVarint();
  return length === null ? null : reader.readBytes(Number(length));
}
