import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { environment } from './program.mjs';
import { inRepository } from './repository.mjs';
import { StepFailure } from './failure.mjs';

/**
 * One bootstrap at a time in a checkout. `flock FILE cat` owns the lock and lives as long as its
 * standard input, so the lock goes with this process however it dies.
 * @template T
 * @param {(line: string) => void} note
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(note, work) {
  mkdirSync(inRepository('.cache'), { recursive: true });
  const holder = spawn('flock', [inRepository('.cache', 'bootstrap.lock'), 'cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: environment(),
  });
  const waiting = setTimeout(
    () => note('Another npm start, test, demo or build prepares this checkout; waiting for it.'),
    500,
  );
  try {
    await new Promise((resolve, reject) => {
      holder.once('error', () =>
        reject(
          new StepFailure(
            'Lock',
            'the program flock is missing',
            'install util-linux with your package manager',
          ),
        ),
      );
      // `cat` runs, and so echoes, only once the lock is ours.
      holder.stdout.once('data', resolve);
      holder.stdin.write('held\n');
    });
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
    holder.unref();
  }
}
