import { addressBits, type AddressError, type IpAddress, type IpFamily, parseAddress } from './address.js';
import { percentDecode } from './percentEncoding.js';
import { formatPrefix, hostPrefix, ipPrefix, type Prefix } from './prefix.js';
import { hostRange, prefixRange } from './range.js';
import { fail, ok, type Result } from './result.js';
import { intersectRoutes, normalizeRoutes, type Route, routeFamily } from './route.js';

/** Where a tunnel may lead: the `target` variable (RFC 9484 §4.6). */
export type ScopeTarget =
  | { readonly kind: 'any' }
  | { readonly kind: 'prefix'; readonly prefix: Prefix }
  /** To be resolved by the proxy before it answers (CIP-308); lower case, no trailing dot. */
  | { readonly kind: 'hostname'; readonly name: string };

/** What one tunnel is for. */
export interface Scope {
  readonly target: ScopeTarget;
  /** IP protocol number 0–255. Here 0 is Hop-by-Hop, not "all" (CIP-405, CIP-902). */
  readonly protocol: number | 'any';
}

export const SCOPE_ERROR_CODES = ['SCOPE_TARGET_INVALID', 'SCOPE_IPPROTO_INVALID'] as const;

/** Which scope variable breaks RFC 9484 §4.6. */
export type ScopeErrorCode = (typeof SCOPE_ERROR_CODES)[number];

export interface ScopeError {
  readonly code: ScopeErrorCode;
  /** Id of the broken rule in the conformance checklist. */
  readonly rule: string;
  readonly message: string;
}

/** Everything, every protocol: what a VPN asks for. */
export const WHOLE_NETWORK: Scope = { target: { kind: 'any' }, protocol: 'any' };

/** Whether a scope leaves nothing out. */
export function isWholeNetwork({ target, protocol }: Scope): boolean {
  return target.kind === 'any' && protocol === 'any';
}

/**
 * Parses a raw `target`, percent-escapes included (CIP-401 … CIP-404).
 * Fails with SCOPE_TARGET_INVALID, which makes a request malformed (CIP-306).
 */
export function parseTarget(raw: string): Result<ScopeTarget, ScopeError> {
  const text = percentDecode(raw);
  if (text === null || text === '')
    return targetError('CIP-401', 'target is empty or has an invalid percent-escape');
  if (text === '*') return ok({ kind: 'any' });
  const [addressText = '', lengthText, ...rest] = text.split('/');
  if (rest.length > 0) return targetError('CIP-402', 'target has more than one slash');
  const address = parseAddress(addressText);
  if (address.ok) return prefixTarget(address.value, lengthText);
  if (lengthText !== undefined || addressText.includes(':')) {
    return targetError(addressText.includes(':') ? 'CIP-403' : 'CIP-402', 'target is not an IP prefix');
  }
  return hostnameTarget(addressText);
}

/** Parses a raw `ipproto`. Fails with SCOPE_IPPROTO_INVALID (CIP-405). */
export function parseIpproto(raw: string): Result<number | 'any', ScopeError> {
  const text = percentDecode(raw);
  if (text === '*') return ok('any');
  if (text === null || !/^[0-9]{1,3}$/.test(text) || Number(text) > 255) {
    return fail({
      code: 'SCOPE_IPPROTO_INVALID',
      rule: 'CIP-405',
      message: 'ipproto must be "*" or 0 to 255',
    });
  }
  return ok(Number(text));
}

/** The value of `target`, not percent-encoded. A host prefix is written without its length. */
export function formatTarget(target: ScopeTarget): string {
  if (target.kind === 'any') return '*';
  if (target.kind === 'hostname') return target.name;
  const text = formatPrefix(target.prefix);
  return isHost(target.prefix) ? text.slice(0, text.indexOf('/')) : text;
}

/** The value of `ipproto`. */
export function formatIpproto(protocol: number | 'any'): string {
  return protocol === 'any' ? '*' : String(protocol);
}

/** The IP versions a tunnel of this scope may use at all: one for a literal target (CIP-406). */
export function scopeFamilies(scope: Scope): readonly IpFamily[] {
  return scope.target.kind === 'prefix' ? [scope.target.prefix.address.family] : [4, 6];
}

/** What besides the scope decides which routes a tunnel gets. */
export interface RouteRestriction {
  /** Addresses of a host name target after resolution and checks; ignored for other targets. */
  readonly resolved?: readonly IpAddress[];
  /** Families that have an assigned address; routes of others are left out (CIP-407). */
  readonly families: readonly IpFamily[];
}

/** The part of `routes` that lies in the scope, as a legal list to advertise and to forward (CIP-406, CIP-407, CIP-807). */
export function restrictRoutes(
  routes: readonly Route[],
  scope: Scope,
  restriction: RouteRestriction,
): readonly Route[] {
  const isOfFamily = (route: Route): boolean => restriction.families.includes(routeFamily(route));
  const ofFamilies = routes.every(isOfFamily) ? routes : routes.filter(isOfFamily);
  return withProtocol(withTarget(ofFamilies, scope.target, restriction.resolved ?? []), scope.protocol);
}

/**
 * Whether the scope asks for an IPv6 extension header other than ESP and AH, which we do not serve:
 * such a rule could never match, since matching walks past them (CIP-408, CIP-901).
 */
export function isExtensionHeaderScope(scope: Scope): boolean {
  return scope.protocol !== 'any' && EXTENSION_HEADERS.has(scope.protocol);
}

const EXTENSION_HEADERS: ReadonlySet<number> = new Set([0, 43, 44, 60, 135, 139, 140]);

function prefixTarget(address: IpAddress, lengthText: string | undefined): Result<ScopeTarget, ScopeError> {
  if (lengthText === undefined) return ok({ kind: 'prefix', prefix: hostPrefix(address) });
  // RFC 9484 §4.6: 1*2DIGIT for IPv4, 1*3DIGIT for IPv6; leading zeros are in that grammar.
  const digits = address.family === 4 ? /^[0-9]{1,2}$/ : /^[0-9]{1,3}$/;
  const parsed: Result<Prefix, AddressError> | null = digits.test(lengthText)
    ? ipPrefix(address, Number(lengthText))
    : null;
  const rule = address.family === 4 ? 'CIP-402' : 'CIP-403';
  if (parsed === null) return targetError(rule, 'target has no valid prefix length');
  return parsed.ok ? ok({ kind: 'prefix', prefix: parsed.value }) : targetError(rule, parsed.error.message);
}

/** RFC 9484 takes any reg-name; what DNS could never answer, or could be taken for a number, is refused (CIP-404). */
function hostnameTarget(text: string): Result<ScopeTarget, ScopeError> {
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  if (name.length > 253 || !labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label))) {
    return targetError('CIP-401', 'target is neither an address nor a host name');
  }
  if (/^(?:[0-9]+|0x.*)$/.test(last)) return targetError('CIP-404', 'target is an incomplete IPv4 address');
  return ok({ kind: 'hostname', name });
}

function targetError(rule: string, message: string): { readonly ok: false; readonly error: ScopeError } {
  return fail({ code: 'SCOPE_TARGET_INVALID', rule, message });
}

function withTarget(
  routes: readonly Route[],
  target: ScopeTarget,
  resolved: readonly IpAddress[],
): readonly Route[] {
  if (target.kind === 'any') return normalizeRoutes(routes);
  const ranges = target.kind === 'prefix' ? [prefixRange(target.prefix)] : resolved.map(hostRange);
  return intersectRoutes(routes, ranges);
}

function withProtocol(routes: readonly Route[], protocol: number | 'any'): readonly Route[] {
  if (protocol === 'any') return normalizeRoutes(routes);
  // A route's protocol 0 would mean "all": nothing can be advertised for Hop-by-Hop alone (CIP-902).
  if (protocol === 0) return [];
  return normalizeRoutes(
    routes
      .filter((route) => route.protocol === 0 || route.protocol === protocol)
      .map((route): Route => ({ range: route.range, protocol })),
  );
}

function isHost(own: Prefix): boolean {
  return own.length === addressBits(own.address.family);
}
