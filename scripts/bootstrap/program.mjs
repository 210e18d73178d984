import { spawn } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from './repository.mjs';

/** Where system programs are, also for a user whose PATH leaves the sbin folders out; rustup's place; PostgreSQL's. */
const extraFolders = [
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  join(homedir(), '.cargo', 'bin'),
  ...postgresFolders(),
];

/** Debian keeps PostgreSQL's server programs in a folder for each version. */
function postgresFolders() {
  const parent = '/usr/lib/postgresql';
  try {
    return readdirSync(parent).map((version) => join(parent, version, 'bin'));
  } catch {
    return [];
  }
}

/** The environment for programs we start: ours, with the extra folders at the end of PATH. */
export const environment = () => ({
  ...process.env,
  PATH: [...(process.env.PATH ?? '').split(':'), ...extraFolders].join(':'),
});

/**
 * Absolute path of a program, or null if there is none.
 * @param {string} name
 */
export function findProgram(name) {
  for (const folder of environment().PATH.split(':')) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/**
 * @typedef {object} Outcome
 * @property {number} code exit code; 127 when the program does not exist, 128 + n for signal n
 * @property {string} output both streams, in order of arrival
 */

/**
 * Runs a program to its end, output captured.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, onLine?: (line: string) => void, signal?: AbortSignal | undefined }} [options]
 * @returns {Promise<Outcome>}
 */
export function run(name, args, { cwd = root, env = {}, onLine, signal } = {}) {
  return new Promise((resolve) => {
    const child = spawn(name, args, {
      cwd,
      env: { ...environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    });
    let output = '';
    let partial = '';
    /** @param {Buffer} chunk */
    const take = (chunk) => {
      const text = chunk.toString();
      output += text;
      const lines = (partial + text).split(/\r?\n|\r/);
      partial = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => {
      if (partial !== '') onLine?.(partial);
      resolve({ code: code ?? (signal === null ? 1 : 128), output });
    });
  });
}

/**
 * Replaces this script, as far as Node can: same terminal, signals handed on, same exit code.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<number>} exit code
 */
export function become(name, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { stdio: 'inherit', env: { ...environment(), ...env } });
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
    const handlers = signals.map((signal) => {
      // Ctrl-C reaches the whole foreground group already; a second copy would mean "at once, not gracefully".
      const handler = () => {
        if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
      };
      process.on(signal, handler);
      return () => process.off(signal, handler);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const remove of handlers) remove();
      resolve(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1));
    });
  });
}

/**
 * The last lines of a program's output, for an error message.
 * @param {string} output
 * @param {number} [count]
 */
export const tail = (output, count = 15) => output.trimEnd().split('\n').slice(-count).join('\n       ');
