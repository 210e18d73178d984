/** Bytes of the longest name in presentation format, without the dot of the root (RFC 1035 §2.3.4). */
const LONGEST = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * A DNS name in presentation format, made of A-labels (RFC 5890 §2.3.2.1): lower case, without the dot at the end; the
 * root is ''. Null for anything else, escapes (RFC 1035 §5.1) included: no zone that people use needs them.
 */
export function parseDomainName(text: string): string | null {
  const name = text.replace(/\.$/, '').toLowerCase();
  if (name === '') return '';
  return name.length <= LONGEST && name.split('.').every((label) => LABEL.test(label)) ? name : null;
}
