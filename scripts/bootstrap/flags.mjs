import { parseArgs } from 'node:util';
import { HelpWanted, StepFailure } from './failure.mjs';

const lineWidth = 100;

/**
 * A flag that stands alone.
 * @typedef {{ readonly is: 'switch', readonly help: string }} Switch
 */
/**
 * A flag with words after it; `shown` stands for them in the help.
 * @typedef {{ readonly is: 'text', readonly shown: string, readonly default?: string, readonly help: string }} Text
 */
/**
 * A flag with a number after it, which is above 0 or at least `least`.
 * @typedef {{ readonly is: 'number', readonly least?: number, readonly shown: string, readonly default?: number, readonly help: string }} Amount
 */
/** @typedef {Switch | Text | Amount} Flag */
/**
 * @template {Flag} One
 * @typedef {One extends Switch ? boolean
 *   : One extends { readonly is: 'number' } ? (One extends { readonly default: number } ? number : number | undefined)
 *   : One extends { readonly default: string } ? string : string | undefined} ValueOf
 */
/**
 * @template {Readonly<Record<string, Flag>>} Flags
 * @typedef {object} Command
 * @property {string} name what people type, without `--`
 * @property {string} about what it is for
 * @property {Flags} flags by name
 * @property {string} [more] below them in the help
 */

/**
 * Reads the flags of a script. `--help` shows them and nothing else is done; what is not among them, or is no number,
 * fails with what to write instead.
 * @template {Readonly<Record<string, Flag>>} const Flags
 * @param {Command<Flags>} command
 * @param {readonly string[]} [args]
 * @returns {{ readonly [Name in keyof Flags]: ValueOf<Flags[Name]> }}
 */
export function readFlags(command, args = process.argv.slice(2)) {
  const values = parse(command, args);
  if (values['help'] === true) throw new HelpWanted(helpOf(command));
  const entries = Object.entries(command.flags).map(([name, flag]) => [
    name,
    valueOf(command, name, flag, values[name]),
  ]);
  return Object.fromEntries(entries);
}

/**
 * @param {Command<Readonly<Record<string, Flag>>>} command
 * @param {readonly string[]} args
 * @returns {Record<string, unknown>}
 */
function parse(command, args) {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([name, { is }]) => [
      name,
      { type: /** @type {'boolean' | 'string'} */ (is === 'switch' ? 'boolean' : 'string') },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } } }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [reason = ''] = error.message.split('. ');
    throw new StepFailure(command.name, reason, `see ${command.name} -- --help`);
  }
}

/** @param {Command<Readonly<Record<string, Flag>>>} command @param {string} name @param {Flag} flag @param {unknown} value */
function valueOf(command, name, flag, value) {
  if (flag.is === 'switch') return value === true;
  if (value === undefined || flag.is === 'text') return value ?? flag.default;
  const number = Number(value);
  const { least } = flag;
  if (least === undefined ? number > 0 : number >= least) return number;
  const wanted = least === undefined ? 'a number above 0' : `a number from ${least} on`;
  throw new StepFailure(command.name, `--${name} ${value}: not ${wanted}`, `--${name} ${flag.shown}`);
}

/** @param {Command<Readonly<Record<string, Flag>>>} command */
function helpOf({ name, about, flags, more }) {
  const rows = Object.entries(flags).map(([flag, { help, ...rest }]) => {
    const shown = 'shown' in rest ? ` ${rest.shown}` : '';
    const standard = 'default' in rest && rest.default !== undefined ? ` (default: ${rest.default})` : '';
    return [`--${flag}${shown}`, `${help}${standard}`];
  });
  const width = Math.max(0, ...rows.map(([flag = '']) => flag.length));
  const lines = rows.map(([flag = '', help]) => `  ${flag.padEnd(width)}  ${help}`);
  return [
    `${name} [-- FLAGS]`,
    '',
    ...wrapped(about),
    '',
    ...lines,
    ...(more === undefined ? [] : ['', more]),
  ].join('\n');
}

/** Lines of whole words. @param {string} text */
function wrapped(text) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < lineWidth)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
