import { addressBits, addressToBytes, formatAddress } from './address.js';
import { ByteReader, concatBytes } from './byteReader.js';
import { type Capsule, type CapsuleError, capsuleFault, CapsuleType } from './capsule.js';
import { DEFAULT_LIMITS, type SessionLimits } from './limits.js';
import { ipPrefix, type Prefix } from './prefix.js';
import { ok, type Result } from './result.js';
import { encodeVarint } from './varint.js';

/** An entry of ADDRESS_ASSIGN (RFC 9484 §4.7.1). */
export interface AssignedAddress {
  /** The request it answers; 0 if unprompted. */
  readonly requestId: bigint;
  /** `isRefusal` tells a refusal from an address. */
  readonly prefix: Prefix;
}

/** An entry of ADDRESS_REQUEST (RFC 9484 §4.7.2). */
export interface RequestedAddress {
  /** Never 0, never used twice by one sender on one stream. */
  readonly requestId: bigint;
  /** All-zero address: no preference; the length says the wanted size (CIP-711). */
  readonly prefix: Prefix;
}

/**
 * ADDRESS_ASSIGN with these entries: the complete list of what is assigned (CIP-704), and refusals once (CIP-707).
 * Per entry: request id (varint), IP version (1 byte), address (4 or 16), prefix length (1).
 */
export function encodeAddressAssign(addresses: readonly AssignedAddress[]): Capsule {
  return { type: CapsuleType.addressAssign, value: encodeEntries(addresses) };
}

/** ADDRESS_REQUEST with these entries, laid out as in ADDRESS_ASSIGN; at least one, ids neither 0 nor used before. */
export function encodeAddressRequest(requests: readonly RequestedAddress[]): Capsule {
  return { type: CapsuleType.addressRequest, value: encodeEntries(requests) };
}

/** Decodes the value of ADDRESS_ASSIGN (CIP-604, CIP-701 … CIP-703); refusals do not count for the address limit. */
export function decodeAddressAssign(
  value: Uint8Array,
  limits: SessionLimits = DEFAULT_LIMITS,
): Result<AssignedAddress[], CapsuleError> {
  const entries = decodeEntries(
    value,
    limits.assignedAddresses + limits.requestIds,
    'CAPSULE_TOO_MANY_ADDRESSES',
  );
  if (!entries.ok) return entries;
  const addresses = entries.value.filter((entry) => !isRefusal(entry.prefix)).length;
  if (addresses > limits.assignedAddresses) {
    return capsuleFault(
      'CAPSULE_TOO_MANY_ADDRESSES',
      `${addresses} addresses, ${limits.assignedAddresses} are allowed`,
    );
  }
  return entries;
}

/** Decodes the value of ADDRESS_REQUEST (CIP-604, CIP-701 … CIP-703, CIP-709, CIP-710 within the capsule). */
export function decodeAddressRequest(
  value: Uint8Array,
  limits: SessionLimits = DEFAULT_LIMITS,
): Result<RequestedAddress[], CapsuleError> {
  const entries = decodeEntries(value, limits.requestIds, 'CAPSULE_TOO_MANY_REQUESTS');
  if (!entries.ok) return entries;
  if (entries.value.length === 0) return capsuleFault('CAPSULE_REQUEST_EMPTY', 'a request without entries');
  const seen = new Set<bigint>();
  for (const { requestId } of entries.value) {
    if (requestId === 0n) return capsuleFault('CAPSULE_REQUEST_ID_ZERO', 'request id 0');
    if (seen.has(requestId))
      return capsuleFault('CAPSULE_REQUEST_ID_REUSED', `request id ${requestId} appears twice`);
    seen.add(requestId);
  }
  return entries;
}

/** Whether an assigned prefix says "no": `0.0.0.0/32` or `::/128` (CIP-706). */
export function isRefusal(assigned: Prefix): boolean {
  return assigned.address.value === 0n && assigned.length === addressBits(assigned.address.family);
}

/** The refusal of a request: same id, all-zero host address of the same family. */
export function refuseAddress(request: RequestedAddress): AssignedAddress {
  const { family } = request.prefix.address;
  return {
    requestId: request.requestId,
    prefix: { address: { family, value: 0n }, length: addressBits(family) },
  };
}

type Entry = AssignedAddress;

function encodeEntries(entries: readonly Entry[]): Uint8Array {
  return concatBytes(
    entries.flatMap(({ requestId, prefix: { address, length } }) => [
      encodeVarint(requestId),
      Uint8Array.of(address.family),
      addressToBytes(address),
      Uint8Array.of(length),
    ]),
  );
}

function decodeEntries(
  value: Uint8Array,
  most: number,
  tooMany: 'CAPSULE_TOO_MANY_ADDRESSES' | 'CAPSULE_TOO_MANY_REQUESTS',
): Result<Entry[], CapsuleError> {
  const reader = new ByteReader(value);
  const entries: Entry[] = [];
  while (!reader.isAtEnd) {
    if (entries.length === most) return capsuleFault(tooMany, `more than ${most} entries`);
    const entry = decodeEntry(reader, entries.length);
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  return ok(entries);
}

function decodeEntry(reader: ByteReader, index: number): Result<Entry, CapsuleError> {
  const requestId = reader.readVarint();
  const version = requestId === null ? null : reader.readByte();
  if (requestId === null || version === null)
    return capsuleFault('CAPSULE_TRUNCATED', `entry ${index} is cut`);
  if (version !== 4 && version !== 6)
    return capsuleFault('CAPSULE_IP_VERSION', `entry ${index}: IP version ${version}`);
  const address = reader.readAddress(version);
  const length = address === null ? null : reader.readByte();
  if (address === null || length === null) return capsuleFault('CAPSULE_TRUNCATED', `entry ${index} is cut`);
  const made = ipPrefix(address, length);
  if (made.ok) return ok({ requestId, prefix: made.value });
  const code = made.error.code === 'PREFIX_HOST_BITS_SET' ? 'CAPSULE_HOST_BITS' : 'CAPSULE_PREFIX_LENGTH';
  return capsuleFault(code, `entry ${index}: ${formatAddress(address)}/${length}`);
}
