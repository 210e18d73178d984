import { ByteReader, concatBytes, uint16Bytes } from './byteReader.js';

/** One SvcParam (RFC 9460 §2.2). */
export interface ServiceParameter {
  /** `SERVICE_KEYS` has those that matter here. */
  readonly key: number;
  /** Not looked into. */
  readonly value: Uint8Array;
}

/** SvcParamKeys (RFC 9460 §14.3.2, RFC 9461 §10) that draft-ietf-masque-connect-ip-dns-06 §3.2 speaks of. */
export const SERVICE_KEYS = {
  alpn: 1,
  noDefaultAlpn: 2,
  ipv4hint: 4,
  ipv6hint: 6,
} as const;

/** Per parameter: key and length of the value (2 bytes each), value; the caller has them in ascending order of key. */
export function encodeServiceParameters(parameters: readonly ServiceParameter[]): Uint8Array {
  return concatBytes(
    parameters.flatMap(({ key, value }) => [uint16Bytes(key), uint16Bytes(value.length), value]),
  );
}

/** Null if the bytes end inside a parameter, or the keys do not ascend strictly (RFC 9460 §2.2). */
export function decodeServiceParameters(bytes: Uint8Array): ServiceParameter[] | null {
  const reader = new ByteReader(bytes);
  const parameters: ServiceParameter[] = [];
  while (!reader.isAtEnd) {
    const key = reader.readUint16();
    const length = key === null ? null : reader.readUint16();
    const value = length === null ? null : reader.readBytes(length);
    if (key === null || value === null || key <= (parameters.at(-1)?.key ?? -1)) return null;
    parameters.push({ key, value });
  }
  return parameters;
}
