/** What of a request over TCP decides whether it comes from this machine. */
export interface Attempt {
  /** Peer's IP address, as the socket has it. */
  readonly remoteAddress: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** A reverse proxy says it speaks for somebody else. */
  readonly forwarded: boolean;
}

/** Why somebody is no local caller. */
export type LocalRefusal = 'API_LOCAL_ONLY' | 'API_HOST_REFUSED' | 'API_ORIGIN_REFUSED';

/** The names under which a browser on this machine reaches the API by its own choice. */
const localHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Why a caller over TCP may not use routes for local callers; null if it may. A page of another site can make the
 * browser of the person at this machine send requests here: its own name, resolved to 127.0.0.1, stands in Host
 * (DNS rebinding), or its origin in Origin.
 */
export function refuseLocal(attempt: Attempt): LocalRefusal | null {
  if (!isLoopback(attempt.remoteAddress) || attempt.forwarded) return 'API_LOCAL_ONLY';
  if (attempt.host === undefined || !localHost.test(attempt.host)) return 'API_HOST_REFUSED';
  if (
    attempt.origin !== undefined &&
    attempt.origin.toLowerCase() !== `http://${attempt.host.toLowerCase()}`
  ) {
    return 'API_ORIGIN_REFUSED';
  }
  return null;
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/i.test(address);
}
