import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mustRun } from '../network.mjs';

/** Odd, so that it does not beat with anything periodic. */
const perSecond = 499;
/** Of the stack, copied with each sample: the release build has unwind tables and no frame pointers. */
const stackBytes = 16_384;
/** How the names of threads that move packets begin; JavaScript's have nothing to do meanwhile. */
const workers = 'masque-worker';

/** Below what starts a thread. */
const unknown = '[unknown]';

/** Frames from the outermost to the innermost, and how often they were met. @typedef {{ frames: readonly string[], count: number }} Stack */

/**
 * Samples a process's workers for some seconds.
 * @param {number} pid
 * @param {number} seconds
 * @param {string} file for perf's own data
 * @returns {Promise<Stack[]>}
 */
export async function record(pid, seconds, file) {
  const graph = ['--call-graph', `dwarf,${stackBytes}`];
  const what = ['-F', String(perSecond), ...graph, '-p', String(pid), '-o', file];
  await mustRun('perf', ['record', '-q', ...what, '--', 'sleep', String(seconds)]);
  const stacks = await folded(file);
  if (stacks.length === 0) throw new Error(`perf met no thread ${workers}… of process ${pid} at work`);
  return stacks;
}

/** @param {string} file @returns {Promise<Stack[]>} */
async function folded(file) {
  const args = ['script', '-i', file, '--no-inline', '-F', 'comm,ip,sym'];
  const child = spawn('perf', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** @type {string[]} */
  let frames = [];
  let isWorker = false;
  const take = () => {
    if (isWorker && frames.length > 0) {
      const key = frames.reverse().join(';');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    frames = [];
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const frame = /^\s+[0-9a-f]+ (.*)$/.exec(line)?.[1];
    if (frame === undefined) {
      take();
      if (line !== '') isWorker = line.startsWith(workers);
    } else if (frame !== unknown) {
      frames.push(readable(frame));
    }
  }
  take();
  return [...counts].map(([key, count]) => ({ frames: key.split(';'), count }));
}

/** Without hashes, generic arguments and where in the function it was. @param {string} symbol */
export function readable(symbol) {
  return symbol
    .replace(/\+0x[0-9a-f]+$/, '')
    .replace(/::h[0-9a-f]{16}$/, '')
    .replaceAll(';', ',')
    .replace(/::<impl [^>]*>/, '')
    .replace(/^<(.*?)(?: as .*?)?>::/, '$1::')
    .replace(/^aws_lc_\d+_\d+_\d+_/, '');
}
