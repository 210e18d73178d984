import { parseAddress } from './address.js';
import { parseAuthority } from './authority.js';
import { percentEncode } from './percentEncoding.js';
import { ok, type Result } from './result.js';
import { formatIpproto, formatTarget, type Scope } from './scope.js';
import type { TemplateError } from './templateError.js';
import { parseTemplateParts, templateError, type TemplatePart } from './templateExpression.js';

/** A client's URI template of its proxy, made by `parseTemplate` or `defaultTemplate`. */
export interface ProxyTemplate {
  /** As given. */
  readonly text: string;
  /** Written exactly as in the template: goes into `:authority` (CIP-301). */
  readonly authority: string;
  /** What to resolve and to verify the server's certificate for (CIP-102); IPv6 without brackets. */
  readonly host: string;
  /** UDP port; 443 unless written. */
  readonly port: number;
  /** Path and query. */
  readonly parts: readonly TemplatePart[];
}

/** Where one request goes. */
export interface RequestUri {
  readonly scheme: 'https';
  readonly authority: string;
  /** Path and query, for `:path`. */
  readonly path: string;
}

/** Path of RFC 9484 §3 for proxies known by host and port only (CIP-203). */
export const DEFAULT_PATH = '/.well-known/masque/ip/{target}/{ipproto}/';

/**
 * Parses a URI template of RFC 9484 §3 (CIP-201): absolute, https, level 3 or less, variables only in path or query.
 * Fails with a TEMPLATE_ code.
 */
export function parseTemplate(text: string): Result<ProxyTemplate, TemplateError> {
  if (!/^[\x21-\x7e]*$/.test(text)) {
    return templateError('TEMPLATE_CHARACTER_INVALID', 'a template has only ASCII characters and no spaces');
  }
  const [, scheme = '', authority = '', rest = ''] =
    /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#{}]*)(.*)$/.exec(text) ?? [];
  if (scheme === '') return templateError('TEMPLATE_NOT_ABSOLUTE', `"${text}" does not start with https://`);
  if (scheme.toLowerCase() !== 'https') {
    return templateError('TEMPLATE_SCHEME_UNSUPPORTED', `the scheme must be https, not ${scheme}`);
  }
  if (rest.startsWith('{')) {
    return templateError('TEMPLATE_VARIABLE_MISPLACED', 'variables may only stand in the path or the query');
  }
  const place = parseAuthority(authority);
  if (place === null) {
    return templateError('TEMPLATE_AUTHORITY_INVALID', `"${authority}" is not a host with an optional port`);
  }
  if (!rest.startsWith('/')) return templateError('TEMPLATE_PATH_MISSING', `"${text}" has no path`);
  const parts = parseTemplateParts(rest);
  return parts.ok ? ok({ text, authority, ...place, parts: parts.value }) : parts;
}

/**
 * The template of a proxy known by `host` or `host:port` only (CIP-203); IPv6 with or without brackets.
 * Fails with TEMPLATE_AUTHORITY_INVALID.
 */
export function defaultTemplate(hostAndPort: string): Result<ProxyTemplate, TemplateError> {
  const bare = parseAddress(hostAndPort);
  const authority = bare.ok && bare.value.family === 6 ? `[${hostAndPort}]` : hostAndPort;
  const place = parseAuthority(authority);
  if (place === null) {
    return templateError(
      'TEMPLATE_AUTHORITY_INVALID',
      `"${hostAndPort}" is not a host with an optional port`,
    );
  }
  return parseTemplate(`https://${authority}${DEFAULT_PATH}`);
}

/** Expands a template for a scope (RFC 6570 §3.2; CIP-204, CIP-205): `*` stays literal, as in the figures of RFC 9484. */
export function expandTemplate(template: ProxyTemplate, scope: Scope): RequestUri {
  const values = new Map([
    ['target', encodeValue(formatTarget(scope.target))],
    ['ipproto', encodeValue(formatIpproto(scope.protocol))],
  ]);
  const path = template.parts
    .map((part) => (part.kind === 'literal' ? part.text : expand(part, values)))
    .join('');
  return { scheme: 'https', authority: template.authority, path };
}

function encodeValue(value: string): string {
  return value === '*' ? value : percentEncode(value);
}

function expand(
  part: TemplatePart & { readonly kind: 'expression' },
  values: ReadonlyMap<string, string>,
): string {
  const known = part.names.flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [{ name, value }];
  });
  if (known.length === 0) return '';
  if (part.operator === '') return known.map(({ value }) => value).join(',');
  return part.operator + known.map(({ name, value }) => `${name}=${value}`).join('&');
}
