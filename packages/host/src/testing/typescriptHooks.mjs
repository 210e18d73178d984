import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Loading the compiler takes longer than everything else, so what it made is kept. */
const cache = new URL('../../../../node_modules/.cache/masque-vpn-testing/', import.meta.url);

/**
 * `./name.js` means `./name.ts` in TypeScript sources.
 * @type {import('node:module').ResolveHook}
 */
export async function resolve(specifier, context, nextResolve) {
  const isOurs = specifier.startsWith('.') && context.parentURL?.endsWith('.ts') === true;
  return nextResolve(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

/**
 * Types are taken off, nothing is checked.
 * @type {import('node:module').LoadHook}
 */
export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const text = await readFile(fileURLToPath(url), 'utf8');
  const kept = new URL(
    `${createHash('sha256').update(text).update(process.version).digest('hex')}.mjs`,
    cache,
  );
  const source = await readFile(kept, 'utf8').catch(() => transpile(fileURLToPath(url), text, kept));
  return { format: 'module', source, shortCircuit: true };
}

/**
 * @param {string} fileName
 * @param {string} text
 * @param {URL} kept where the result goes
 */
async function transpile(fileName, text, kept) {
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileModule(text, {
    fileName,
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
    },
  });
  await keep(outputText, kept).catch(() => undefined);
  return outputText;
}

/**
 * Not keeping it costs time only; an ordinary user may not be allowed to.
 * @param {string} source
 * @param {URL} kept
 */
async function keep(source, kept) {
  await mkdir(cache, { recursive: true });
  const unfinished = new URL(`${kept.href}.${process.pid}`);
  await writeFile(unfinished, source);
  await rename(unfinished, kept);
}
