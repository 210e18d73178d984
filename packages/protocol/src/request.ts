import { formatAddress, parseAddress } from './address.js';
import { parseRequestFields, type RequestFields } from './fieldSection.js';
import { fieldValues, type HeaderField } from './headerField.js';
import { matchPath, type PathMatch, type PathTemplate } from './pathTemplate.js';
import {
  malformed,
  methodNotAllowed,
  misdirected,
  notFound,
  notImplemented,
  type Refusal,
} from './refusal.js';
import { type Result } from './result.js';
import { parseIpproto, parseTarget, type Scope, type ScopeError, WHOLE_NETWORK } from './scope.js';
import { isTrue } from './structuredField.js';
import type { RequestUri } from './template.js';

/** The `:protocol` of RFC 9484 §4.4. */
const CONNECT_IP = 'connect-ip';

/** Names one installation of our client: a later request of the same client and instance replaces its own older session. */
export const INSTANCE_HEADER = 'masque-vpn-instance';

/** What the server serves. */
export interface RequestPolicy {
  readonly paths: readonly PathTemplate[];
  /**
   * Names and addresses served here, `vpn.example.org` or `2001:db8::1`; compared without case. The port of an
   * authority is not compared: a translation in front of the server may change it.
   */
  readonly hosts: readonly string[];
}

/** A well-formed request for a tunnel. Who asks, and whether they may, is decided elsewhere. */
export interface ConnectIpRequest {
  /** As received. */
  readonly authority: string;
  /** As received. */
  readonly path: string;
  readonly scope: Scope;
  /** UUID in lower case; null if absent or not a UUID. */
  readonly instanceId: string | null;
  /** Whether the client sent `capsule-protocol: ?1`; its absence is accepted (CIP-311). */
  readonly capsuleProtocol: boolean;
}

export const REQUEST_REFUSAL_CODES = [
  'REQUEST_MALFORMED',
  'REQUEST_SCOPE_INVALID',
  'REQUEST_PROTOCOL_UNKNOWN',
  'REQUEST_CLASSIC_CONNECT',
  'REQUEST_AUTHORITY_UNKNOWN',
  'REQUEST_PATH_UNKNOWN',
  'REQUEST_METHOD_NOT_ALLOWED',
] as const;

/** Why a request is refused before anybody asked who sent it. */
export type RequestRefusalCode = (typeof REQUEST_REFUSAL_CODES)[number];

export type RequestOutcome =
  | { readonly accepted: true; readonly request: ConnectIpRequest }
  | { readonly accepted: false; readonly refusal: Refusal<RequestRefusalCode> };

/**
 * Judges a request by its headers alone (CIP-301 … CIP-313): no credentials, policy, DNS or pools, which come after
 * (CIP-309), in this order: form, method and protocol, authority, path, scope.
 */
export function judgeRequest(headers: readonly HeaderField[], policy: RequestPolicy): RequestOutcome {
  const parsed = parseRequestFields(headers);
  if (!parsed.ok) return refused(malformed('REQUEST_MALFORMED', parsed.error));
  const { method, protocol, scheme, authority, path, fields } = parsed.value;
  if (path === null || scheme === null) {
    return refused(notImplemented('REQUEST_CLASSIC_CONNECT', 'CONNECT without :protocol is not offered'));
  }
  if (protocol !== null) {
    const content = CONTENT_FIELDS.find((name) => fieldValues(fields, name).length > 0);
    if (content !== undefined)
      return refused(malformed('REQUEST_MALFORMED', `${content} on a tunnel request`));
    if (protocol !== CONNECT_IP) {
      return refused(notImplemented('REQUEST_PROTOCOL_UNKNOWN', 'only connect-ip is offered'));
    }
  }
  const served = authority ?? fieldValues(fields, 'host')[0] ?? '';
  if (scheme.toLowerCase() !== 'https' || !isServed(served, policy.hosts)) {
    return refused(misdirected('REQUEST_AUTHORITY_UNKNOWN', 'this authority is not served here'));
  }
  const match = firstMatch(policy.paths, path);
  if (match.kind === 'none')
    return refused(notFound('REQUEST_PATH_UNKNOWN', 'no tunnel is offered on this path'));
  if (protocol === null)
    return refused(methodNotAllowed('REQUEST_METHOD_NOT_ALLOWED', `${method} on a tunnel path`));
  const scope = readScope(match);
  if (!scope.ok) return refused(malformed('REQUEST_SCOPE_INVALID', scope.error.message));
  return { accepted: true, request: tunnelRequest(parsed.value, served, path, scope.value) };
}

/** The header list of a tunnel request (CIP-301, CIP-310); `instanceId` goes into `masque-vpn-instance`. */
export function buildRequest(
  uri: RequestUri,
  options: { readonly instanceId: string | null },
): HeaderField[] {
  const headers: HeaderField[] = [
    [':method', 'CONNECT'],
    [':protocol', CONNECT_IP],
    [':scheme', uri.scheme],
    [':authority', uri.authority],
    [':path', uri.path],
    ['capsule-protocol', '?1'],
  ];
  return options.instanceId === null ? headers : [...headers, [INSTANCE_HEADER, options.instanceId]];
}

/** Content has no meaning on a tunnel (RFC 9297 §3.2; CIP-313). Transfer-Encoding is refused on every request. */
const CONTENT_FIELDS = ['content-length', 'content-type'] as const;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function tunnelRequest(
  parsed: RequestFields,
  authority: string,
  path: string,
  scope: Scope,
): ConnectIpRequest {
  const [instance, ...more] = fieldValues(parsed.fields, INSTANCE_HEADER);
  const instanceId =
    instance !== undefined && more.length === 0 && UUID.test(instance) ? instance.toLowerCase() : null;
  const capsuleProtocol = isTrue(fieldValues(parsed.fields, 'capsule-protocol'));
  return { authority, path, scope, instanceId, capsuleProtocol };
}

function isServed(authority: string, hosts: readonly string[]): boolean {
  const wanted = comparableHost(authority.replace(/:[0-9]*$/, ''));
  return hosts.some((own) => comparableHost(own) === wanted);
}

/** One spelling per host: no case, brackets or final dot, IPv6 as in RFC 5952. */
function comparableHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const address = parseAddress(bare);
  return address.ok ? formatAddress(address.value) : bare.toLowerCase().replace(/\.$/, '');
}

function firstMatch(paths: readonly PathTemplate[], path: string): PathMatch {
  for (const template of paths) {
    const match = matchPath(template, path);
    if (match.kind !== 'none') return match;
  }
  return { kind: 'none' };
}

function readScope(match: Exclude<PathMatch, { kind: 'none' }>): Result<Scope, ScopeError> {
  if (match.kind === 'malformed') {
    return {
      ok: false,
      error: {
        code: 'SCOPE_TARGET_INVALID',
        rule: 'CIP-306',
        message: 'a scope variable appears twice in the query',
      },
    };
  }
  const target =
    match.target === null ? { ok: true as const, value: WHOLE_NETWORK.target } : parseTarget(match.target);
  if (!target.ok) return target;
  const protocol =
    match.ipproto === null ? { ok: true as const, value: 'any' as const } : parseIpproto(match.ipproto);
  if (!protocol.ok) return protocol;
  return { ok: true, value: { target: target.value, protocol: protocol.value } };
}

function refused(refusal: Refusal<RequestRefusalCode>): RequestOutcome {
  return { accepted: false, refusal };
}
