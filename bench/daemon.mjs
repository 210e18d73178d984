import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { environment } from '../scripts/bootstrap/program.mjs';
import { inside } from './network.mjs';

/**
 * A process of a peer that runs until it is stopped.
 * @typedef {object} Daemon
 * @property {number} pid
 * @property {() => string} output
 * @property {() => boolean} running
 * @property {(patienceMs?: number) => Promise<void>} stop kills it when it does not end in time
 */

/**
 * Starts a program on one side. `ip netns exec` becomes the program, so the process id is its own.
 * @param {keyof typeof import('./network.mjs').namespaces} side
 * @param {readonly string[]} command
 * @returns {Daemon}
 */
export function start(side, command) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'ip', ...inside(side, command)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    output: () => output,
    running,
    stop: async (patienceMs = 10_000) => {
      if (!running()) return;
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(patience);
    },
  };
}

/**
 * Tries until it works.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} attempt
 * @param {{ everyMs?: number, withinMs?: number }} [patience]
 * @returns {Promise<T>}
 */
export async function eventually(what, attempt, { everyMs = 50, withinMs = 20_000 } = {}) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`${what}: ${error}`, { cause: error });
      await after(everyMs);
    }
  }
}

/**
 * Waits for words that a daemon writes; what follows them in the line.
 * @param {Daemon} daemon
 * @param {RegExp} pattern
 * @param {number} withinMs
 * @returns {Promise<RegExpExecArray>}
 */
export const says = (daemon, pattern, withinMs) =>
  eventually(
    String(pattern),
    async () => {
      const found = pattern.exec(daemon.output());
      if (found !== null) return found;
      throw new Error(`it ${daemon.running() ? 'says' : 'ended with'}: ${daemon.output()}`);
    },
    { withinMs },
  );
