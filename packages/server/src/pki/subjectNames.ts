import { domainToASCII } from 'node:url';
import { formatAddress, parseAddress } from '@masque-vpn/protocol';

/** A subject alternative name: what a client may call the server (RFC 6125, CIP-102). */
export interface SubjectName {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

/**
 * DNS names (IDNA, lower case) and IP addresses (canonical) without repetition, in order; what can be neither, as an
 * empty text or a name with a space, is left out.
 */
export function subjectNames(texts: readonly string[]): SubjectName[] {
  const names = new Map<string, SubjectName>();
  for (const text of texts) {
    const name = subjectName(text);
    if (name !== null) names.set(name.value, name);
  }
  return [...names.values()];
}

function subjectName(text: string): SubjectName | null {
  const address = parseAddress(text.replace(/^\[(.*)\]$/, '$1'));
  if (address.ok) return { type: 'ip', value: formatAddress(address.value) };
  const name = domainToASCII(text).toLowerCase().replace(/\.$/, '');
  return /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name) && name.length <= 253
    ? { type: 'dns', value: name }
    : null;
}
