import { StepFailure } from './failure.mjs';

/**
 * What `--only` chooses of things with names: all without it. Fails if it names something else.
 * @param {string} command what people typed
 * @param {string} kind one of the things
 * @param {Readonly<Record<string, unknown>>} all
 * @param {string | undefined} only names with commas between them
 * @returns {readonly string[]}
 */
export function chooseNames(command, kind, all, only) {
  const chosen = only === undefined ? Object.keys(all) : only.split(',');
  const unknown = chosen.filter((name) => !(name in all));
  if (unknown.length > 0) {
    const names = Object.keys(all).join(', ');
    throw new StepFailure(command, `no ${kind} ${unknown.join(', ')}`, `choose from ${names}`);
  }
  return chosen;
}

/**
 * The lines of a help that say what each name is about.
 * @param {Readonly<Record<string, { readonly about: string }>>} all
 */
export const namesAndAbout = (all) =>
  Object.entries(all)
    .map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
    .join('\n');
