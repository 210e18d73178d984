import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { environment } from '../bootstrap/program.mjs';

/**
 * A program that runs until it is stopped.
 * @typedef {object} Running
 * @property {() => string} output both streams
 * @property {() => boolean} ended
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Running}
 */
export function launch(name, args, env = {}) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', name, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment(), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (/** @type {Buffer} */ chunk) => (output += chunk));
  }
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  return {
    output: () => output,
    ended,
    stop: async () => {
      if (ended()) return;
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await closed;
      clearTimeout(patience);
    },
  };
}
