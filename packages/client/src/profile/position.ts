import { type AST, parseTOML } from 'toml-eslint-parser';

/** Where something stands in a text, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Where the value at `path` was written in a TOML text that parses; for a key that is missing, the closest table
 * around it, and the top of the text when there is none.
 */
export function positionOf(text: string, path: readonly PropertyKey[]): Position {
  const [program] = parseTOML(text).body;
  const wanted = path.map(String);
  for (let depth = wanted.length; depth > 0; depth -= 1) {
    const node = find(program.body, wanted.slice(0, depth));
    if (node !== null) return { line: node.loc.start.line, column: node.loc.start.column + 1 };
  }
  return { line: 1, column: 1 };
}

/** First and last offset (exclusive) of the value of a top-level key in a TOML text that parses; null without it. */
export function valueRange(text: string, key: string): readonly [start: number, end: number] | null {
  const [program] = parseTOML(text).body;
  const entry = find(program.body, [key]);
  return entry?.type === 'TOMLKeyValue' ? entry.value.range : null;
}

type Entry = AST.TOMLKeyValue | AST.TOMLTable;

function find(entries: readonly Entry[], path: readonly string[]): AST.TOMLNode | null {
  for (const entry of entries) {
    const key =
      entry.type === 'TOMLTable'
        ? entry.resolvedKey.map(String)
        : entry.key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value));
    if (!key.every((part, index) => part === path[index])) continue;
    const rest = path.slice(key.length);
    if (rest.length === 0) return entry;
    const inside = entry.type === 'TOMLTable' ? find(entry.body, rest) : findInValue(entry.value, rest);
    if (inside !== null) return inside;
  }
  return null;
}

function findInValue(value: AST.TOMLContentNode, path: readonly string[]): AST.TOMLNode | null {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (value.type === 'TOMLInlineTable') return find(value.body, path);
  if (value.type !== 'TOMLArray') return null;
  const element = value.elements[Number(head)];
  return element === undefined ? null : findInValue(element, rest);
}
