import { readdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { systemErrorCode } from '../systemError.js';
import { type ClientStatus, clientStatusSchema } from './status.js';

/** Time for a client to answer, milliseconds. */
const patienceMs = 2_000;

/**
 * The status of every client that runs with this runtime directory, by name. Leftovers of clients that are gone and
 * sockets of other programs are passed over; a directory that is missing has no clients. Rejects with the system's
 * error when the directory must not be read.
 */
export async function readClientStatuses(runtimeDirectory: string): Promise<ClientStatus[]> {
  const names = await socketNames(runtimeDirectory);
  const answers = await Promise.all(names.map(async (name) => ask(join(runtimeDirectory, name))));
  return answers.filter((status) => status !== null);
}

async function socketNames(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.sock')).toSorted();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function ask(path: string): Promise<ClientStatus | null> {
  const text = await new Promise<string>((resolve) => {
    let received = '';
    const socket = createConnection(path);
    socket.setEncoding('utf8').setTimeout(patienceMs, () => socket.destroy());
    socket.on('data', (chunk: string) => (received += chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(received));
  });
  try {
    return clientStatusSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
