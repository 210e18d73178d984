import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inRepository, masqueVpn } from '../repository.js';

/** What people run: a bundle of what the other suites run. */
const linked = inRepository('packages', 'cli', 'bin', 'masque-vpn.js');

const nowhere = mkdtempSync(join(tmpdir(), 'masque-vpn-bundle-'));
afterAll(() => rmSync(nowhere, { recursive: true }));

beforeAll(() => {
  const made = run([inRepository('scripts', 'bundle.mjs')]);
  expect(made).toMatchObject({ status: 0, stderr: '' });
});

it.each([
  [['--version'], 0],
  [['--help'], 0],
  [['admin', 'rule', '--help'], 0],
  [['doctor'], 0],
  [['complete', 'bash'], 0],
  [['connect', join(nowhere, 'alice.toml')], 2],
  [['enroll', 'no-link'], 2],
  [['status', '--runtime-dir', nowhere, '--socket', join(nowhere, 'admin.sock')], 5],
  [['admin', 'client', 'list', '--socket', join(nowhere, 'admin.sock')], 5],
  [['server', '--config', join(nowhere, 'server.toml')], 2],
])('the bundled command says the same as the modules it is made of: %j', (args, status) => {
  const bundled = run([linked, ...args]);
  expect(bundled).toEqual(run([masqueVpn, ...args]));
  expect(bundled.status).toBe(status);
});

function run(args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}
