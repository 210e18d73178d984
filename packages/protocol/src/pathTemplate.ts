import { percentDecode } from './percentEncoding.js';
import { ok, type Result } from './result.js';
import type { TemplateError } from './templateError.js';
import { parseTemplateParts, templateError } from './templateExpression.js';

/** A path the server offers tunnels on, made by `parsePathTemplate`. */
export interface PathTemplate {
  /** As configured. */
  readonly text: string;
  /** Between the slashes, the first one (always empty) left out. */
  readonly segments: readonly PathSegment[];
  /** Query keys that carry a variable. Other keys are tolerated (CIP-206). */
  readonly queryKeys: readonly QueryKey[];
}

/** One path segment: a decoded literal, or a variable that fills it. */
export type PathSegment =
  { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'variable'; readonly name: string };

export interface QueryKey {
  readonly key: string;
  readonly variable: string;
}

/** What a `:path` says; variables are still percent-encoded, null where absent: a wildcard (CIP-206). */
export type PathMatch =
  | { readonly kind: 'match'; readonly target: string | null; readonly ipproto: string | null }
  /** The path is ours, but a variable appears twice in the query. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'none' };

/**
 * Parses a configured path such as `/.well-known/masque/ip/{target}/{ipproto}/`, `/vpn`, `/vpn{?target,ipproto}`
 * or `/vpn?t={target}`. A variable fills a whole segment or the whole value of a query key. Fails with a TEMPLATE_ code.
 */
export function parsePathTemplate(text: string): Result<PathTemplate, TemplateError> {
  if (!text.startsWith('/'))
    return templateError('TEMPLATE_PATH_MISSING', `"${text}" does not start with a slash`);
  const parts = parseTemplateParts(text);
  if (!parts.ok) return parts;
  const queryAt = text.search(/\{?\?/);
  const path = queryAt < 0 ? text : text.slice(0, queryAt);
  const segments = path.slice(1).split('/').map(parseSegment);
  const queryKeys = queryAt < 0 ? [] : parseQuery(text.slice(queryAt));
  const names = [...segments, ...(queryKeys ?? [])].flatMap(variableOf);
  if (queryKeys === null || segments.includes(null) || new Set(names).size !== names.length) {
    const message = `in "${text}" each variable must stand once and fill a path segment or the value of a query key`;
    return templateError('TEMPLATE_VARIABLE_MISPLACED', message);
  }
  return ok({ text, segments: segments.filter((segment) => segment !== null), queryKeys });
}

/**
 * Matches a raw `:path`: split first, each segment decoded once, nothing normalised,
 * so that `..` and `//` never lead to another route (CIP-307).
 */
export function matchPath(template: PathTemplate, rawPath: string): PathMatch {
  const queryAt = rawPath.indexOf('?');
  const path = queryAt < 0 ? rawPath : rawPath.slice(0, queryAt);
  const given = path.split('/');
  if (given[0] !== '' || given.length !== template.segments.length + 1) return { kind: 'none' };
  const found = new Map<string, string>();
  for (const [index, segment] of template.segments.entries()) {
    const raw = given[index + 1] ?? '';
    if (segment.kind === 'variable') found.set(segment.name, raw);
    else if (percentDecode(raw) !== segment.text) return { kind: 'none' };
  }
  for (const pair of queryAt < 0 ? [] : rawPath.slice(queryAt + 1).split('&')) {
    const [rawKey = '', ...value] = pair.split('=');
    const key = percentDecode(rawKey);
    const wanted = template.queryKeys.find((own) => own.key === key);
    if (wanted === undefined) continue;
    if (found.has(wanted.variable)) return { kind: 'malformed' };
    found.set(wanted.variable, value.join('='));
  }
  return { kind: 'match', target: found.get('target') ?? null, ipproto: found.get('ipproto') ?? null };
}

function parseSegment(text: string): PathSegment | null {
  const [, name] = /^\{([^{}?&,]+)\}$/.exec(text) ?? [];
  if (name !== undefined) return { kind: 'variable', name };
  const literal = text.includes('{') ? null : percentDecode(text);
  return literal === null ? null : { kind: 'literal', text: literal };
}

/** `{?a,b}` or `?k={a}&l=x`, either followed by `{&c}`. */
const QUERY = /^(?:\{\?(?<first>[^{}]+)\}|\?(?<pairs>(?:=\{[^{}]+\}|[^{}])*))(?:\{&(?<more>[^{}]+)\})?$/;

/** Null if a variable stands where it could not be told from its surroundings. */
function parseQuery(text: string): QueryKey[] | null {
  const { groups } = QUERY.exec(text) ?? {};
  if (groups === undefined) return null;
  const { first = '', pairs = '', more = '' } = groups;
  const names = [...first.split(','), ...more.split(',')].filter((name) => name !== '');
  const keys = names.map((name): QueryKey => ({ key: name, variable: name }));
  for (const pair of pairs.split('&').filter((piece) => piece.includes('{'))) {
    const [, rawKey = '', variable] = /^([^={}]+)=\{([^{},]+)\}$/.exec(pair) ?? [];
    const key = percentDecode(rawKey);
    if (key === null || variable === undefined) return null;
    keys.push({ key, variable });
  }
  return keys;
}

function variableOf(part: PathSegment | QueryKey | null): string[] {
  if (part === null) return [];
  if ('key' in part) return [part.variable];
  return part.kind === 'variable' ? [part.name] : [];
}
