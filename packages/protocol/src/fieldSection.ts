import { fieldValues, type HeaderField } from './headerField.js';
import { fail, ok, type Result } from './result.js';

/** A request's field section after the rules every HTTP/3 request has to keep. */
export interface RequestFields {
  readonly method: string;
  readonly protocol: string | null;
  readonly scheme: string | null;
  readonly authority: string | null;
  readonly path: string | null;
  /** Regular fields, in order. */
  readonly fields: readonly HeaderField[];
}

const PSEUDO_HEADERS: ReadonlySet<string> = new Set([
  ':method',
  ':protocol',
  ':scheme',
  ':authority',
  ':path',
]);
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Checks pseudo-headers and field names (RFC 9114 §4.2, §4.3; CIP-302 … CIP-304).
 * The error says what makes the request malformed.
 */
export function parseRequestFields(headers: readonly HeaderField[]): Result<RequestFields, string> {
  const pseudo = new Map<string, string>();
  const fields: HeaderField[] = [];
  for (const field of headers) {
    const fault = field[0].startsWith(':') ? pseudoFault(field, pseudo, fields) : fieldFault(field);
    if (fault !== null) return fail(fault);
    if (field[0].startsWith(':')) pseudo.set(field[0], field[1]);
    else fields.push(field);
  }
  const method = pseudo.get(':method') ?? '';
  if (!/^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/.test(method)) return fail(':method is missing or no token');
  const request = {
    method,
    protocol: pseudo.get(':protocol') ?? null,
    scheme: pseudo.get(':scheme') ?? null,
    authority: pseudo.get(':authority') ?? null,
    path: pseudo.get(':path') ?? null,
    fields,
  };
  const fault = formFault(request);
  return fault === null ? ok(request) : fail(fault);
}

function pseudoFault(
  [name]: HeaderField,
  seen: ReadonlyMap<string, string>,
  fields: readonly HeaderField[],
): string | null {
  if (!PSEUDO_HEADERS.has(name)) return 'unknown pseudo-header';
  if (seen.has(name)) return `${name} appears twice`;
  return fields.length > 0 ? `${name} stands after a regular field` : null;
}

function fieldFault([name, value]: HeaderField): string | null {
  if (!/^[a-z0-9!#$%&'*+\-.^_`|~]+$/.test(name))
    return 'a field name is empty, has upper case or invalid characters';
  if (CONNECTION_SPECIFIC.has(name)) return `${name} is specific to HTTP/1.1 connections`;
  if (name === 'te' && value !== 'trailers') return 'te may only say trailers';
  return /[\0\r\n]/.test(value) ? `the value of ${name} has forbidden characters` : null;
}

/** The three forms a request can have: extended CONNECT, classic CONNECT, anything else. */
function formFault(request: RequestFields): string | null {
  const { method, protocol, scheme, authority, path } = request;
  if (method === 'CONNECT' && protocol === null) {
    if (scheme !== null || path !== null) return 'CONNECT with :scheme or :path but without :protocol';
    return isFilled(authority) ? null : 'CONNECT without :authority';
  }
  if (method !== 'CONNECT' && protocol !== null) return ':protocol on a method other than CONNECT';
  if (!isFilled(scheme)) return ':scheme is missing or empty';
  if (!isFilled(path)) return ':path is missing or empty';
  return authorityFault(request) ?? pathFault(method, path);
}

/** Only an ordinary request may say `host` instead; where both stand they agree (RFC 9114 §4.3.1). */
function authorityFault({ protocol, authority, fields }: RequestFields): string | null {
  const hosts = fieldValues(fields, 'host');
  const [effective = ''] = authority === null && protocol === null ? hosts : [authority ?? ''];
  if (effective === '') return ':authority is missing or empty';
  if (hosts.some((host) => host.toLowerCase() !== effective.toLowerCase()))
    return 'host contradicts :authority';
  // No user information, no spaces, nothing that is not in a host and port (RFC 3986 §3.2).
  return /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]%]+$/.test(effective)
    ? null
    : ':authority is not a host with an optional port';
}

function pathFault(method: string, path: string): string | null {
  if (!/^[\x21\x22\x24-\x7e]*$/.test(path)) return ':path has characters that a URI cannot have';
  if (path.startsWith('/') || (method === 'OPTIONS' && path === '*')) return null;
  return ':path does not start with a slash';
}

function isFilled(text: string | null): text is string {
  return text !== null && text !== '';
}
