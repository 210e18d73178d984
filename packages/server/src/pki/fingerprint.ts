import { createHash } from 'node:crypto';

/** SHA-256 of a DER certificate, lower-case hex: how the engine names a peer's leaf. */
export function sha256Hex(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}
