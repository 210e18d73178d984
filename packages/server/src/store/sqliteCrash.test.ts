import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { typescriptCommand } from '@masque-vpn/host/testing';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openStore } from './store.js';
import { isWritten } from './testing/acknowledgedWrites.js';
import { reportCrashes } from './testing/crashReport.js';

/** How often the writing process is killed, each time after another number of acknowledged writes. */
const killAfter = [1, 10, 60, 150];

/** Writes to the file until it is killed with SIGKILL; what had been acknowledged by then. */
async function writeAndDie(file: string, round: number, after: number): Promise<string[]> {
  const [node, ...args] = typescriptCommand(
    new URL('./testing/crashWriter.ts', import.meta.url),
    file,
    `${round}`,
  );
  const writer = spawn(node, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const died = once(writer, 'exit');
  const ids: string[] = [];
  for await (const id of createInterface({ input: writer.stdout })) {
    ids.push(id);
    if (ids.length === after) writer.kill('SIGKILL');
  }
  expect(await died).toEqual([null, 'SIGKILL']);
  return ids;
}

test('every write that SQLite acknowledged is there after SIGKILL, and every transaction is whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'masque-vpn-crash-'));
  const file = join(folder, 'crash.sqlite');
  const acknowledged: string[] = [];
  for (const [round, after] of killAfter.entries()) {
    acknowledged.push(...(await writeAndDie(file, round, after)));
  }
  const opened = await openStore({
    location: { kind: 'sqlite', file },
    clock: { now: () => Date.now() },
    logger: pino({ level: 'silent' }),
  });
  if (!opened.ok) throw opened.error;
  await using store = opened.value;
  const states = await Promise.all(acknowledged.map((id) => isWritten(store, id)));
  const found = states.filter((state) => state === 'whole').length;
  reportCrashes('sqlite-sigkill', { crashes: killAfter.length, acknowledged: acknowledged.length, found });
  expect(states.filter((state) => state !== 'whole')).toEqual([]);
  expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter.reduce((sum, each) => sum + each));
  // What was being written when the process died is there as a whole, or not at all.
  for (const { target } of await store.audit.list({ action: 'crash.write', limit: 1_000 })) {
    expect(await store.clients.findBySlug(`c-${target}`)).not.toBeNull();
    expect(await store.settings.get(`transaction ${target}`)).toBe(target);
  }
  await store.close();
  rmSync(folder, { recursive: true });
}, 60_000);
