/** The largest value of a QUIC variable-length integer, 2^62 − 1 (RFC 9000 §16). */
export const MAX_VARINT = (1n << 62n) - 1n;

/**
 * Reads a variable-length integer at `offset` (RFC 9000 §16); non-minimal forms are accepted (CIP-502).
 * Null if the bytes end before it does.
 */
export function decodeVarint(
  bytes: Uint8Array,
  offset: number,
): { readonly value: bigint; readonly length: 1 | 2 | 4 | 8 } | null {
  const first = bytes[offset];
  if (first === undefined) return null;
  const length = VARINT_LENGTHS[first >> 6] ?? 1;
  if (offset + length > bytes.length) return null;
  let value = BigInt(first & 0x3f);
  for (const byte of bytes.subarray(offset + 1, offset + length)) value = (value << 8n) | BigInt(byte);
  return { value, length };
}

/** The shortest form, 1, 2, 4 or 8 bytes. Throws RangeError outside 0 … 2^62 − 1 (a bug of the caller). */
export function encodeVarint(value: bigint): Uint8Array {
  if (value < 0n || value > MAX_VARINT) throw new RangeError(`not a varint: ${value}`);
  const exponent = value < 1n << 6n ? 0 : value < 1n << 14n ? 1 : value < 1n << 30n ? 2 : 3;
  const bytes = new Uint8Array(1 << exponent);
  let rest = value | (BigInt(exponent) << BigInt(8 * bytes.length - 2));
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

const VARINT_LENGTHS = [1, 2, 4, 8] as const;
