import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, type Outcome } from '../failure.js';
import { systemErrorCode, systemErrorText } from '../systemError.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The random id by which the server knows that a new session replaces an older one of this same installation.
 * Made on first use and kept in the state directory (0600); a damaged file is made anew.
 * Fails with CLIENT_STATE_UNUSABLE.
 */
export async function instanceId(stateDirectory: string, client: string): Promise<Outcome<string>> {
  const path = join(stateDirectory, `${client}.instance`);
  try {
    const kept = await readKept(path);
    if (kept !== null) return { ok: true, value: kept };
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    const fresh = randomUUID();
    await writeFile(`${path}.new`, `${fresh}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return { ok: true, value: fresh };
  } catch (error) {
    return failed(
      'CLIENT_STATE_UNUSABLE',
      `The state directory ${stateDirectory} cannot be used: ${systemErrorText(error)}. Choose another with --state-dir.`,
    );
  }
}

async function readKept(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return uuid.test(text) ? text : null;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
