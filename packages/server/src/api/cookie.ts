import type { IncomingHttpHeaders } from 'node:http';

/** Which of two: the session, or a login that is under way at the provider. */
type Purpose = 'session' | 'oidc';

/** `__Host-`: browsers take it over TLS only, for this host only (RFC 6265bis §4.1.3.2). */
function cookieName(secure: boolean, purpose: Purpose): string {
  return `${secure ? '__Host-' : ''}masque_vpn${purpose === 'oidc' ? '_oidc' : ''}`;
}

/** The secret in a cookie; null without one. */
export function readCookie(
  headers: IncomingHttpHeaders,
  secure: boolean,
  purpose: Purpose = 'session',
): string | null {
  const prefix = `${cookieName(secure, purpose)}=`;
  const found = (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(prefix));
  const value = found?.slice(prefix.length) ?? '';
  return /^[A-Za-z0-9_-]{43}$/.test(value) ? value : null;
}

/** Set-Cookie of a session: out of reach of scripts, and never sent by pages of other sites. */
export function sessionCookie(secret: string, lifetimeMs: number, secure: boolean): string {
  const age = Math.trunc(lifetimeMs / 1000);
  return `${cookieName(secure, 'session')}=${secret}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

/** Set-Cookie that ends it. */
export function expiredCookie(secure: boolean): string {
  return sessionCookie('', 0, secure);
}

/** Set-Cookie of a login under way: it comes back from the provider's site, which `Strict` would not let through. */
export function oidcCookie(state: string, lifetimeMs: number, secure: boolean): string {
  const age = Math.trunc(lifetimeMs / 1000);
  return `${cookieName(secure, 'oidc')}=${state}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
