import type { IncomingHttpHeaders } from 'node:http';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import { anonymous, socketPrincipal, type Principal } from '../administration/principal.js';
import type { LoginSessions } from '../administration/sessions.js';
import type { Tokens } from '../administration/tokens.js';
import { refuseLocal, type LocalRefusal } from './access.js';
import type { AddressBudget } from './addressBudget.js';
import { readCookie } from './cookie.js';
import type { ApiFailure, ProblemCode } from './problem.js';
import { isOpen, type RoutePermission } from './routePermission.js';

/** What of a request decides who makes it. */
export interface IncomingRequest {
  readonly method: string;
  /** Permission of its route; undefined where there is no route. */
  readonly permission: RoutePermission | undefined;
  /** Whether it takes from what an address without credentials may ask. */
  readonly counted: boolean;
  readonly headers: IncomingHttpHeaders;
  /** Peer's IP address, as the socket has it. */
  readonly remoteAddress: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
}

export interface AuthenticationOptions {
  readonly sessions: Pick<LoginSessions, 'authenticate'>;
  readonly tokens: Pick<Tokens, 'authenticate'>;
  readonly budget: AddressBudget;
}

/** Finds out who makes a request, and whether they may. Throws `StoreError` when the store is lost. */
export class Authentication {
  readonly #options: AuthenticationOptions;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
  }

  /** The Unix socket: the file system has decided. */
  ofSocket(): Principal {
    return socketPrincipal;
  }

  /**
   * Over TCP. Codes: API_LOCAL_ONLY, API_HOST_REFUSED, API_ORIGIN_REFUSED, API_CSRF_HEADER_MISSING,
   * API_UNAUTHENTICATED, API_FORBIDDEN, API_RATE_LIMITED.
   */
  async ofTcp(request: IncomingRequest): Promise<Result<Principal, ApiFailure>> {
    if (request.permission === 'monitoring') return ok(anonymous(request.remoteAddress));
    const refusal = refuseOrigin(request);
    if (refusal !== null) return fail(refusal);
    if (request.permission === undefined) return ok(anonymous(request.remoteAddress));
    if (request.permission === 'everybody') {
      const limited = request.counted ? this.#charge(request.remoteAddress) : null;
      return limited === null ? ok(anonymous(request.remoteAddress)) : fail(limited);
    }
    const principal = await this.#identify(request);
    if (!principal.ok) {
      const unknown = request.permission === 'whoever' && principal.error.code === 'API_UNAUTHENTICATED';
      return unknown ? ok(anonymous(request.remoteAddress)) : principal;
    }
    return permit(principal.value, request.permission);
  }

  async #identify(request: IncomingRequest): Promise<Result<Principal, ApiFailure>> {
    const { headers, remoteAddress } = request;
    const token = bearerOf(headers);
    const cookie = token === null ? readCookie(headers, request.secure) : null;
    const { tokens, sessions } = this.#options;
    const principal =
      token !== null
        ? await tokens.authenticate(token, remoteAddress)
        : cookie !== null
          ? await sessions.authenticate(cookie, remoteAddress)
          : null;
    if (principal === null) {
      const limited = this.#charge(remoteAddress);
      return fail(limited ?? { code: 'API_UNAUTHENTICATED', message: hints.API_UNAUTHENTICATED });
    }
    const forged = cookie !== null && isUnsafe(request.method) && headers[csrfHeader] === undefined;
    if (!forged) return ok(principal);
    return fail({ code: 'API_CSRF_HEADER_MISSING', message: hints.API_CSRF_HEADER_MISSING });
  }

  #charge(remoteAddress: string): ApiFailure | null {
    const seconds = this.#options.budget.take(remoteAddress);
    if (seconds === 0) return null;
    return { code: 'API_RATE_LIMITED', message: `try again in ${seconds} s`, retryAfterSeconds: seconds };
  }
}

/** Pages of other sites cannot send it without asking first (a CORS preflight), which is never granted. */
const csrfHeader = 'x-csrf-protection';

const localHints: Readonly<Record<LocalRefusal, string>> = {
  API_LOCAL_ONLY: 'use https, or this port from the server itself',
  API_HOST_REFUSED: 'call it localhost or 127.0.0.1',
  API_ORIGIN_REFUSED: '',
};

const foreignPage: ApiFailure = { code: 'API_ORIGIN_REFUSED', message: '' };

const hints = {
  API_UNAUTHENTICATED: 'sign in at /api/v1/login, or send "Authorization: Bearer" with a token that is good',
  API_CSRF_HEADER_MISSING: `send "${csrfHeader}: 1" with every change`,
} as const satisfies Partial<Record<ProblemCode, string>>;

/** Whether somebody may what the route asks for. Code: API_FORBIDDEN. */
export function permit(principal: Principal, permission: RoutePermission): Result<Principal, ApiFailure> {
  if (isOpen(permission)) return ok(principal);
  if (permission === 'signedIn' && principal.via.kind !== 'nothing') return ok(principal);
  if (permission !== 'signedIn' && principal.permissions.has(permission)) return ok(principal);
  return fail({ code: 'API_FORBIDDEN', message: `this takes the permission ${permission}` });
}

/** Why a request is not from where requests may come from; null if it is. */
function refuseOrigin({ method, headers, remoteAddress, secure }: IncomingRequest): ApiFailure | null {
  const { host, origin } = headers;
  if (!secure) {
    const forwarded = 'forwarded' in headers || 'x-forwarded-for' in headers;
    const refusal = refuseLocal({ remoteAddress, host, origin, forwarded });
    if (refusal !== null) return { code: refusal, message: localHints[refusal] };
  } else if (origin !== undefined && origin.toLowerCase() !== `https://${(host ?? '').toLowerCase()}`) {
    return foreignPage;
  }
  const site = headers['sec-fetch-site'];
  const ownPage = site === undefined || site === 'same-origin' || site === 'none';
  return isUnsafe(method) && !ownPage ? foreignPage : null;
}

function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

/** The token of `Authorization: Bearer` (RFC 6750 §2.1); null without. */
function bearerOf(headers: IncomingHttpHeaders): string | null {
  const { authorization } = headers;
  if (authorization === undefined) return null;
  return /^bearer +([\x21-\x7e]{1,256})$/i.exec(authorization)?.[1] ?? '';
}
