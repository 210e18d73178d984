import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { z } from 'zod';
import { expect, it } from 'vitest';

/** Packages that only a server, or only a new key, needs: hundreds of modules. */
const heavy = ['@masque-vpn/server', '@peculiar/x509', 'reflect-metadata', 'fastify', 'kysely'];

const Manifest = z.object({ exports: z.record(z.string(), z.object({ source: z.string().optional() })) });

const atOnce = {
  everyCommand: packagesBehind(here('program.ts')),
  connect: packagesBehind(here('connect/connect.ts')),
};

it.each([
  ['what every command starts with', atOnce.everyCommand],
  ['a client that connects', atOnce.connect],
])('%s loads nothing of the server and nothing that makes keys', (_, packages) => {
  expect(packages.filter((name) => heavy.includes(name))).toEqual([]);
});

it.each(['zod', 'pino', '@masque-vpn/client', '@masque-vpn/engine'])(
  'the help is printed without %s',
  (name) => {
    expect(atOnce.everyCommand).not.toContain(name);
  },
);

it('sees what is loaded: the client’s machinery behind connect', () => {
  const machinery = ['zod', 'pino', 'smol-toml', '@masque-vpn/host', '@masque-vpn/engine'];
  expect(atOnce.connect).toEqual(expect.arrayContaining(machinery));
});

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Names of the packages that are loaded with a source file; our own are looked through. */
function packagesBehind(entry: string): string[] {
  const names = new Set<string>();
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const specifier of loadedBy(file)) {
      if (specifier.startsWith('node:')) continue;
      if (specifier.startsWith('.')) {
        follow(join(dirname(file), specifier.replace(/\.js$/, '.ts')));
        continue;
      }
      const parts = specifier.split('/');
      names.add(parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/'));
      if (specifier.startsWith('@masque-vpn/')) follow(sourceOf(specifier, file));
    }
  };
  follow(entry);
  return [...names];
}

/** What a module loads before it runs: types are gone by then, and `import()` comes later. */
function loadedBy(file: string): string[] {
  const { statements } = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return statements.flatMap((statement) => {
    const isLoading =
      (ts.isImportDeclaration(statement) && !isOfTypes(statement)) ||
      (ts.isExportDeclaration(statement) && !statement.isTypeOnly);
    const specifier = isLoading ? statement.moduleSpecifier : undefined;
    return specifier !== undefined && ts.isStringLiteral(specifier) ? [specifier.text] : [];
  });
}

function isOfTypes({ importClause }: ts.ImportDeclaration): boolean {
  return importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** The source of one of our packages' entries, as its manifest says. */
function sourceOf(specifier: string, from: string): string {
  const [scope = '', name = '', ...rest] = specifier.split('/');
  const folder = packageFolder(`${scope}/${name}`, from);
  const { exports } = Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const source = exports[['.', ...rest].join('/')]?.source;
  if (source === undefined) throw new Error(`${specifier} is not exported`);
  return join(folder, source);
}

function packageFolder(name: string, from: string): string {
  const places = createRequire(from).resolve.paths(name) ?? [];
  for (const place of places) {
    const folder = join(place, name);
    if (ts.sys.fileExists(join(folder, 'package.json'))) return folder;
  }
  throw new Error(`${name} is not installed`);
}
