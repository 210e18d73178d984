import { parseAddress } from '../address.js';
import { parseAuthority } from '../authority.js';
import { ok, type Result } from '../result.js';
import { enrolmentError, type EnrolmentError } from './error.js';

/**
 * What an enrolment link says:
 *
 *     masque-vpn://HOST:PORT/enroll#SECRET.PIN[.PIN…]
 *
 * The secret stands in the fragment, which no program sends anywhere by itself. A pin is the SHA-256 of a certificate
 * in base64url (43 characters), or the word `system`.
 */
export interface EnrolmentLink {
  /** Name or address of the server; IPv6 without brackets. The server's certificate must be valid for it. */
  readonly host: string;
  /** TCP port; the tunnel's UDP port has the same number. */
  readonly port: number;
  /** One-time secret: 32 base64url characters, 192 random bits. */
  readonly secret: string;
  readonly trust: EnrolmentTrust;
}

/**
 * By what a client knows the server before it sends the secret: the chain that the server presents must hold a
 * certificate with one of these fingerprints and lead from the leaf to it.
 */
export interface EnrolmentTrust {
  /** SHA-256 of the DER of trusted certificates, lower-case hex. */
  readonly sha256: readonly string[];
  /** The server's certificate leads to a public authority: the system's roots are trusted as well. */
  readonly system: boolean;
}

/** Bytes of the secret. */
export const ENROLMENT_SECRET_BYTES = 24;

/** Most pins a link has: two authorities during a rollover, and the server's own certificate's. */
const MOST_PINS = 4;

/**
 * Parses an enrolment link. Fails with ENROLMENT_LINK_INVALID; the message says which part is wrong, and never
 * repeats the secret.
 */
export function parseEnrolmentLink(text: string): Result<EnrolmentLink, EnrolmentError> {
  const [, scheme, authority = '', path, fragment] =
    /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:#(.*))?$/.exec(text.trim()) ?? [];
  if (scheme?.toLowerCase() !== 'masque-vpn' || (path !== '/enroll' && path !== '/enroll/')) {
    return invalid('it does not look like masque-vpn://HOST:PORT/enroll#…');
  }
  const place = parseAuthority(authority);
  if (place === null) return invalid(`"${authority.slice(0, 64)}" is not a host with a port`);
  const [secret = '', ...pins] = (fragment ?? '').split('.');
  if (!/^[A-Za-z0-9_-]{32}$/.test(secret) || pins.length === 0 || pins.length > MOST_PINS) {
    return invalid('what follows "#" is incomplete; copy the whole link, to its last character');
  }
  const sha256: string[] = [];
  for (const pin of pins) {
    const fingerprint = pin === 'system' ? null : fingerprintOf(pin);
    if (fingerprint === '') return invalid('its end is damaged; copy the whole link, to its last character');
    if (fingerprint !== null) sha256.push(fingerprint);
  }
  return ok({ ...place, secret, trust: { sha256, system: pins.includes('system') } });
}

/** The text of a link; `parseEnrolmentLink` reads it back. */
export function formatEnrolmentLink({ host, port, secret, trust }: EnrolmentLink): string {
  const address = parseAddress(host);
  const authority = address.ok && address.value.family === 6 ? `[${host}]` : host;
  const pins = trust.sha256.map((fingerprint) => Buffer.from(fingerprint, 'hex').toString('base64url'));
  const fragment = [secret, ...pins, ...(trust.system ? ['system'] : [])].join('.');
  return `masque-vpn://${authority}:${port}/enroll#${fragment}`;
}

/** Lower-case hex; empty if the text is not 32 bytes in canonical base64url. */
function fingerprintOf(pin: string): string {
  const bytes = Buffer.from(pin, 'base64url');
  return bytes.length === 32 && bytes.toString('base64url') === pin ? bytes.toString('hex') : '';
}

function invalid(reason: string): { readonly ok: false; readonly error: EnrolmentError } {
  return enrolmentError('ENROLMENT_LINK_INVALID', `This is not an enrolment link: ${reason}.`);
}
