import { parseTOML, type AST } from 'toml-eslint-parser';

/** Keys and array indices from the top of the file. */
export type KeyPath = readonly (string | number)[];

/** Both from 1; columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `pool.ipv4[0]`, as people write it. */
export function formatKeyPath(path: KeyPath): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`))
    .join('');
}

/** Where keys and values stand in a TOML text. */
export class Positions {
  readonly #keys = new Map<string, Position>();
  readonly #values = new Map<string, Position>();

  /** @param text TOML that parses; of another nothing is known. */
  constructor(text: string) {
    const program = parseOrNull(text);
    for (const node of program?.body[0].body ?? []) {
      if (node.type === 'TOMLTable') this.#table(node);
      else this.#keyValue(node, []);
    }
  }

  /** Where the key stands; else the nearest key or table around it. */
  ofKey(path: KeyPath): Position | null {
    return this.#nearest(path, this.#keys);
  }

  /** Where the value stands; else what is nearest around it. */
  ofValue(path: KeyPath): Position | null {
    return this.#nearest(path, this.#values);
  }

  #nearest(path: KeyPath, first: ReadonlyMap<string, Position>): Position | null {
    for (let length = path.length; length > 0; length--) {
      const name = formatKeyPath(path.slice(0, length));
      const position = first.get(name) ?? this.#values.get(name) ?? this.#keys.get(name);
      if (position !== undefined) return position;
    }
    return null;
  }

  #table(table: AST.TOMLTable): void {
    this.#note(this.#keys, table.resolvedKey, table.key);
    for (const node of table.body) this.#keyValue(node, table.resolvedKey);
  }

  #keyValue(node: AST.TOMLKeyValue, parent: KeyPath): void {
    let path = parent;
    for (const key of node.key.keys) {
      path = [...path, key.type === 'TOMLBare' ? key.name : key.value];
      this.#note(this.#keys, path, key);
    }
    this.#value(node.value, path);
  }

  #value(node: AST.TOMLContentNode, path: KeyPath): void {
    this.#note(this.#values, path, node);
    if (node.type === 'TOMLArray') {
      for (const [index, element] of node.elements.entries()) this.#value(element, [...path, index]);
    }
    if (node.type === 'TOMLInlineTable') for (const inner of node.body) this.#keyValue(inner, path);
  }

  #note(map: Map<string, Position>, path: KeyPath, node: AST.HasLocs): void {
    const name = formatKeyPath(path);
    const { line, column } = node.loc.start;
    if (!map.has(name)) map.set(name, { line, column: column + 1 });
  }
}

function parseOrNull(text: string): AST.TOMLProgram | null {
  try {
    return parseTOML(text, { tomlVersion: '1.0' });
  } catch {
    // The parser that decides what is valid is another; where they disagree a message has no position.
    return null;
  }
}
