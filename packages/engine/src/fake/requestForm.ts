import type { HeaderField } from '../engine.js';

const pseudoHeaders = new Set([':method', ':scheme', ':authority', ':path', ':protocol']);
/** CIP-303 and CIP-313. */
const forbidden = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'content-type',
]);

/** Whether a request is well-formed HTTP/3, before anybody judges what it asks for (CIP-302 to 304, 313). */
export function isWellFormed(headers: readonly HeaderField[]): boolean {
  const pseudo = new Map<string, string>();
  let regularSeen = false;
  for (const [name, value] of headers) {
    if (name !== name.toLowerCase()) return false;
    if (!name.startsWith(':')) regularSeen = true;
    else if (regularSeen || !pseudoHeaders.has(name) || pseudo.has(name)) return false;
    else pseudo.set(name, value);
    if (forbidden.has(name)) return false;
  }
  const present = (name: string): boolean => (pseudo.get(name) ?? '') !== '';
  if (!present(':method')) return false;
  const connect = pseudo.get(':method') === 'CONNECT';
  if (connect && !pseudo.has(':protocol')) return !pseudo.has(':path') && !pseudo.has(':scheme');
  if (!connect && pseudo.has(':protocol')) return false;
  return present(':scheme') && present(':path') && present(':authority');
}
