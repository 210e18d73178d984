import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap } from '../scripts/bootstrap/bootstrap.mjs';
import { inPrivateNetwork, insideVariable } from '../scripts/bootstrap/privateNetwork.mjs';
import { become } from '../scripts/bootstrap/program.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { makeNetwork } from './network.mjs';

/**
 * Runs a program of this folder once more in a private network, where it measures between two machines; returns the exit code.
 * @param {object} run
 * @param {string} run.script its file in this folder
 * @param {readonly import('../scripts/bootstrap/systemPackages.mjs').Program[]} run.programs that it needs besides those that make the network
 * @param {() => Promise<Record<string, string> | void>} [run.prepare] what has to be done while there is a network; returns what is added to
 * the environment inside
 * @param {(directory: string) => Promise<number>} run.measure inside, with a directory that is removed afterwards; returns the exit code
 */
export async function privateRun({ script, programs, prepare, measure }) {
  if (process.env[insideVariable] === '1') return measureInside(measure);
  await bootstrap({ programs: [...programs, 'ip', 'unshare', 'setpriv'], engine: true, packages: true });
  const further = await prepare?.();
  const command = [inRepository('bench', script), ...process.argv.slice(2)];
  const { name, args, env } = await inPrivateNetwork(process.execPath, command);
  return become(name, args, { ...env, ...(further ?? {}) });
}

/** @param {(directory: string) => Promise<number>} measure */
async function measureInside(measure) {
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-bench-'));
  try {
    await makeNetwork();
    return await measure(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
