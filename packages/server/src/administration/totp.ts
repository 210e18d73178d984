import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Seconds of a time step, digits of a code: what every authenticator app does. */
const stepSeconds = 30;
const digits = 6;

/** Steps that a clock may be ahead or behind (RFC 6238 §5.2). */
const skewSteps = 1;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new shared secret: 160 bits (RFC 4226 §4) in base32. */
export function newTotpSecret(): string {
  return encodeBase32(randomBytes(20));
}

/** The code of one time step (RFC 6238 §4, RFC 4226 §5.3). The secret is base32. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', decodeBase32(secret)).update(counter).digest();
  const offset = digest.readUInt8(digest.length - 1) & 0x0f;
  const number = (digest.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits;
  return String(number).padStart(digits, '0');
}

/** The time step of an instant (UTC milliseconds). */
export function totpStep(now: number): number {
  return Math.floor(now / 1000 / stepSeconds);
}

/** The time step that a code belongs to; null for a wrong one, and for one not later than `after`. */
export function matchTotp(secret: string, code: string, now: number, after: number | null): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  let found: number | null = null;
  const current = totpStep(now);
  for (let step = current - skewSteps; step <= current + skewSteps; step += 1) {
    const equal = step >= 0 && timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code));
    if (equal && (after === null || step > after)) found ??= step;
  }
  return found;
}

/** What authenticator apps take as a link or QR code (Google's Key Uri Format). */
export function totpUri(secret: string, issuer: string, account: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&digits=${digits}&period=${stepSeconds}`;
}

/** Base32 without padding (RFC 4648 §6). */
function encodeBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet.charAt(Number.parseInt(five.padEnd(5, '0'), 2)))
    .join('');
}

function decodeBase32(text: string): Buffer {
  const bits = Array.from(text, (character) => alphabet.indexOf(character).toString(2).padStart(5, '0')).join(
    '',
  );
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
