import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { ServerConfig } from '../config/config.js';

/** Failures of keeping the server's id. */
export const serverIdErrorCodes = ['SERVER_ID_UNUSABLE'] as const;

/** Why a server does not know which of several it is. */
export interface ServerIdError {
  readonly code: (typeof serverIdErrorCodes)[number];
  readonly message: string;
}

/**
 * Which of the servers on the database this one is: a uuid that its state folder remembers. Null where the database
 * is nobody else's.
 */
export async function serverIdOf({
  server,
  store,
}: Pick<ServerConfig, 'server' | 'store'>): Promise<Result<string | null, ServerIdError>> {
  if (store.kind === 'sqlite') return ok(null);
  const file = join(server.stateDir, 'server-id');
  try {
    // Made by whoever comes first, also of two that start at once.
    await writeFile(file, `${randomUUID()}\n`, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
      if (!isExisting(error)) throw error;
    });
    const id = (await readFile(file, 'utf8')).trim();
    if (/^[0-9a-f-]{36}$/.test(id)) return ok(id);
    return unusable(`${file} contains no uuid; remove it, and the server makes a new one`);
  } catch (error) {
    return unusable(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unusable(message: string): { readonly ok: false; readonly error: ServerIdError } {
  return fail({ code: 'SERVER_ID_UNUSABLE', message });
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
