/** A token or string item of RFC 8941; numbers and byte sequences are kept as their text. */
export interface StructuredItem {
  readonly value: string | boolean;
  readonly parameters: ReadonlyMap<string, string | boolean>;
}

/**
 * Whether a field says true: one line, a Structured Field boolean, parameters ignored.
 * Everything else, two lines included, counts as absent (CIP-312).
 */
export function isTrue(lines: readonly string[]): boolean {
  const [line, ...more] = lines;
  if (line === undefined || more.length > 0) return false;
  const list = parseList(line);
  return list?.length === 1 && list[0]?.value === true;
}

/** Parses a list of items (RFC 8941 §4.2.1), inner lists excepted. Null if it is none: the field is ignored then. */
export function parseList(line: string): StructuredItem[] | null {
  const items: StructuredItem[] = [];
  let rest = line.replace(/^ +| +$/g, '');
  while (rest !== '') {
    const item = parseItem(rest);
    if (item === null) return null;
    items.push(item.item);
    rest = item.rest.replace(/^[ \t]+/, '');
    if (rest === '') break;
    if (!rest.startsWith(',')) return null;
    rest = rest.slice(1).replace(/^[ \t]+/, '');
    // A trailing comma is an error (RFC 8941 §4.2.1).
    if (rest === '') return null;
  }
  return items;
}

interface Parsed<T> {
  readonly value: T;
  readonly rest: string;
}

const KEY = /^[a-z*][a-z0-9_\-.*]*/;
const BARE_ITEMS: readonly (readonly [RegExp, (match: string) => string | boolean])[] = [
  [/^\?[01]/, (text) => text === '?1'],
  [/^"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"/, (text) => text.slice(1, -1).replace(/\\(["\\])/g, '$1')],
  [/^-?[0-9]{1,15}(?:\.[0-9]{1,3})?/, (text) => text],
  [/^:[A-Za-z0-9+/=]*:/, (text) => text],
  [/^[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*/, (text) => text],
];

function parseItem(text: string): { readonly item: StructuredItem; readonly rest: string } | null {
  const bare = parseBareItem(text);
  if (bare === null) return null;
  const parameters = new Map<string, string | boolean>();
  let { rest } = bare;
  while (rest.startsWith(';')) {
    rest = rest.slice(1).replace(/^ +/, '');
    const [key] = KEY.exec(rest) ?? [];
    if (key === undefined) return null;
    rest = rest.slice(key.length);
    const value: Parsed<string | boolean> | null = rest.startsWith('=')
      ? parseBareItem(rest.slice(1))
      : { value: true, rest };
    if (value === null) return null;
    parameters.set(key, value.value);
    rest = value.rest;
  }
  return { item: { value: bare.value, parameters }, rest };
}

function parseBareItem(text: string): Parsed<string | boolean> | null {
  for (const [pattern, read] of BARE_ITEMS) {
    const [match] = pattern.exec(text) ?? [];
    if (match !== undefined) return { value: read(match), rest: text.slice(match.length) };
  }
  return null;
}
