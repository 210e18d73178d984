import type { z } from 'zod';
import type { Finding } from './problemCollector.js';
import { formatKeyPath, type KeyPath } from './positions.js';
import { mostSimilar } from './similar.js';

/** The sections of the file and their keys. */
export type KnownKeys = ReadonlyMap<string, readonly string[]>;

/** What the schema found wrong, in words for the person who wrote the file. */
export function schemaFindings(issues: readonly z.core.$ZodIssue[], known: KnownKeys): Finding[] {
  return issues.flatMap((issue) => findingsOf(issue, known));
}

function findingsOf(issue: z.core.$ZodIssue, known: KnownKeys): Finding[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, known));
    case 'invalid_type':
      return [wrongType(path, issue.expected, issue.input)];
    case 'too_small':
      return [outOfRange(path, `at least ${issue.minimum}`)];
    case 'too_big':
      return issue.origin === 'array'
        ? [outOfRange(path, `no more than ${issue.maximum} entries`)]
        : [outOfRange(path, `at most ${issue.maximum}`)];
    case 'invalid_value':
      return [notOneOf(path, issue.values.map(String), issue.input)];
    default:
      return [
        { code: 'CONFIG_BAD_VALUE', path, message: issue.message, suggestion: 'See docs/configuration.md.' },
      ];
  }
}

function unknownKey(parent: KeyPath, key: string, known: KnownKeys): Finding {
  const path = [...parent, key];
  const finding = { code: 'CONFIG_UNKNOWN_KEY', path, atKey: true } as const;
  const [section] = parent;
  if (section === undefined) {
    const sections = [...known.keys()];
    const home = sections.find((name) => known.get(name)?.includes(key) === true);
    const similar = mostSimilar(key, sections);
    const suggestion =
      similar !== null
        ? `Write "[${similar}]".`
        : home !== undefined
          ? `"${key}" belongs below "[${home}]".`
          : `The sections are ${sections.join(', ')}.`;
    return { ...finding, message: `there is no section or key "${key}"`, suggestion };
  }
  const siblings = known.get(String(section)) ?? [];
  const similar = mostSimilar(key, siblings);
  const home = [...known].find(([, keys]) => keys.includes(key))?.[0];
  const suggestion =
    similar !== null
      ? `Write "${similar}".`
      : home !== undefined
        ? `"${key}" belongs below "[${home}]".`
        : `The keys of [${section}] are ${siblings.join(', ')}.`;
  return { ...finding, message: `there is no key "${key}" in [${section}]`, suggestion };
}

function wrongType(path: KeyPath, expected: string, input: unknown): Finding {
  const name = formatKeyPath(path);
  const wanted = types[expected] ?? { name: expected, example: null };
  if (expected === 'object') {
    return {
      code: 'CONFIG_WRONG_TYPE',
      path,
      message: `${name} is a section, not ${describe(input)}`,
      suggestion: `Write "[${name}]" on a line of its own and its keys below.`,
    };
  }
  return {
    code: 'CONFIG_WRONG_TYPE',
    path,
    message: `must be ${wanted.name}, not ${describe(input)}`,
    suggestion: correction(path, expected, input) ?? `Write ${wanted.example ?? wanted.name}.`,
  };
}

const types: Readonly<Record<string, { readonly name: string; readonly example: string | null }>> = {
  string: { name: 'a text', example: 'a text in double quotes' },
  int: { name: 'a whole number', example: 'a whole number without quotes' },
  number: { name: 'a whole number', example: 'a whole number without quotes' },
  boolean: { name: 'true or false', example: 'true or false, without quotes' },
  array: { name: 'a list', example: 'a list: ["…", "…"]' },
};

/** What was meant, where that is plain: a number in quotes, a text without a list around it. */
function correction(path: KeyPath, expected: string, input: unknown): string | null {
  if (expected === 'array' && typeof input === 'string') return `Write [${JSON.stringify(input)}].`;
  if (expected === 'string' && typeof input === 'number') {
    return path.at(-1) === 'listen' ? `Write "[::]:${input}".` : `Write "${input}".`;
  }
  if (typeof input !== 'string') return null;
  if ((expected === 'number' || expected === 'int') && /^-?[0-9]+$/.test(input)) return `Write ${input}.`;
  if (expected === 'boolean' && /^(true|yes|on|1)$/i.test(input)) return 'Write true.';
  if (expected === 'boolean' && /^(false|no|off|0)$/i.test(input)) return 'Write false.';
  return null;
}

function describe(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (input instanceof Date) return 'a date';
  switch (typeof input) {
    case 'string':
      return 'a text';
    case 'number':
    case 'bigint':
      return `the number ${input}`;
    case 'boolean':
      return String(input);
    default:
      return 'a section';
  }
}

function outOfRange(path: KeyPath, bound: string): Finding {
  return {
    code: 'CONFIG_OUT_OF_RANGE',
    path,
    message: `must be ${bound}`,
    suggestion: 'Write a value in this range, or leave the key out for the default.',
  };
}

function notOneOf(path: KeyPath, values: readonly string[], input: unknown): Finding {
  const similar = typeof input === 'string' ? mostSimilar(input, values) : null;
  const list = values.map((value) => `"${value}"`).join(', ');
  return {
    code: 'CONFIG_BAD_VALUE',
    path,
    message: `must be one of ${list}`,
    suggestion: similar === null ? `Write one of them.` : `Write "${similar}".`,
  };
}
