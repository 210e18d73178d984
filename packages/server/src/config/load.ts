import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { ServerConfig } from './config.js';
import { effectiveConfiguration, type EffectiveConfiguration } from './effective.js';
import { processEnvironment, type ConfigEnvironment } from './environment.js';
import { Positions } from './positions.js';
import type { ConfigProblem, ConfigProblemCode } from './problem.js';
import { ProblemCollector } from './problemCollector.js';
import { resolveConfig } from './resolve.js';
import { serverTomlSchema, type PartialServerToml } from './schema.js';
import { checkStoreSecret } from './storeChoice.js';
import { schemaFindings, type KnownKeys } from './schemaFindings.js';

/** Values that win over the file, keyed as in the file; undefined ones are ignored. Folders may be relative. */
export type ConfigOverrides = PartialServerToml;

export type ConfigResult =
  | {
      readonly ok: true;
      readonly config: ServerConfig;
      /** For people to look at; without secrets. */
      readonly effective: EffectiveConfiguration;
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Reads and checks `file`; null: complete defaults. Reports every problem at once. */
export function loadConfig(
  file: string | null,
  overrides: ConfigOverrides = {},
  environment: ConfigEnvironment = processEnvironment(),
): ConfigResult {
  const document = file === null ? { ok: true as const, text: '', tables: {} } : readToml(file);
  if (!document.ok) return { ok: false, problems: [document.problem] };
  const { merged, overridden } = withOverrides(document.tables, overrides);
  const collector = new ProblemCollector(file ?? 'defaults', new Positions(document.text), overridden);
  const parsed = serverTomlSchema.safeParse(merged, { reportInput: true });
  if (!parsed.success) {
    for (const finding of schemaFindings(parsed.error.issues, knownKeys())) collector.report(finding);
  }
  // The rest of the file is checked all the same, so that one start shows everything there is to correct.
  const toml = parsed.success
    ? parsed.data
    : serverTomlSchema.parse(withoutFaults(merged, parsed.error.issues));
  const config = resolveConfig(toml, collector, environment);
  if (file !== null) checkStoreSecret(toml.store, file, collector);
  const { problems } = collector;
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, config, effective: effectiveConfiguration(file, toml, document.tables, overridden) };
}

type Tables = Readonly<Record<string, unknown>>;

type Document =
  | { readonly ok: true; readonly text: string; readonly tables: Tables }
  | { readonly ok: false; readonly problem: ConfigProblem };

function readToml(file: string): Document {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    return { ok: false, problem: unreadable(file, error) };
  }
  try {
    return { ok: true, text, tables: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = 'this is no TOML'] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    const suggestion = 'The file may be half-written, or lack a quote or bracket here or in the line before.';
    const { line, column } = error;
    return {
      ok: false,
      problem: { code: 'CONFIG_SYNTAX', file, line, column, path: '', message: reason, suggestion },
    };
  }
}

function unreadable(file: string, error: unknown): ConfigProblem {
  const at = (code: ConfigProblemCode, message: string, suggestion: string): ConfigProblem => ({
    code,
    file,
    line: null,
    column: null,
    path: '',
    message,
    suggestion,
  });
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  if (code === 'ENOENT') {
    return at(
      'CONFIG_FILE_MISSING',
      'there is no such file',
      'Correct the path, or leave it out for defaults.',
    );
  }
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return at('CONFIG_FILE_UNREADABLE', 'this is no UTF-8 text', 'Save the file as UTF-8.');
  }
  const suggestion = 'Check that it is a file and that the user the server runs as may read it.';
  return at('CONFIG_FILE_UNREADABLE', `the file cannot be read: ${code}`, suggestion);
}

function withOverrides(
  tables: Tables,
  overrides: ConfigOverrides,
): { readonly merged: Tables; readonly overridden: ReadonlySet<string> } {
  const merged: Record<string, unknown> = { ...tables };
  const overridden = new Set<string>();
  for (const [section, keys] of Object.entries(overrides)) {
    for (const [key, value] of Object.entries<unknown>(keys ?? {})) {
      if (value === undefined) continue;
      const table = merged[section];
      // A section that is no table stays what it is, to be reported.
      if (table !== undefined && !isTable(table)) continue;
      const folder = (key === 'state_dir' || key === 'runtime_dir') && value !== '';
      merged[section] = { ...table, [key]: folder && typeof value === 'string' ? resolve(value) : value };
      overridden.add(`${section}.${key}`);
    }
  }
  return { merged, overridden };
}

/** The file without the keys, or sections, the schema complained about. */
function withoutFaults(
  tables: Tables,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly code: string }[],
): Tables {
  const known = knownKeys();
  const faulty = new Set(issues.map(({ path }) => path.slice(0, 2).join('.')));
  const rest: Record<string, unknown> = {};
  for (const [section, keys] of known) {
    const table = tables[section];
    if (!isTable(table)) continue;
    rest[section] = Object.fromEntries(
      Object.entries(table).filter(([key]) => keys.includes(key) && !faulty.has(`${section}.${key}`)),
    );
  }
  return rest;
}

function knownKeys(): KnownKeys {
  return new Map(
    Object.entries(serverTomlSchema.shape).map(([name, section]) => [
      name,
      Object.keys(section.def.innerType.shape),
    ]),
  );
}

function isTable(value: unknown): value is Tables {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
