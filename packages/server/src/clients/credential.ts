import { createHash } from 'node:crypto';
import type { HeaderField } from '@masque-vpn/engine';

/**
 * What the directory knows a bearer token by. It can never be taken for the fingerprint of a certificate, which
 * everybody who sees the certificate can compute.
 */
export function tokenCredential(token: string): string {
  return `token:${createHash('sha256').update(token, 'utf8').digest('hex')}`;
}

/** Whether a credential of the directory is a token. */
export function isTokenCredential(credential: string): boolean {
  return credential.startsWith('token:');
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1) as the directory knows it; null: none, or more than one. */
export function bearerCredential(headers: readonly HeaderField[]): string | null {
  const fields = headers.filter(([name]) => name === 'authorization').map(([, value]) => value);
  const token =
    fields.length === 1 ? /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(fields[0] ?? '')?.[1] : undefined;
  return token === undefined ? null : tokenCredential(token);
}
