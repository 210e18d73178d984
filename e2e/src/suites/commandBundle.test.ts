import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRepository, masqueVpn } from '../repository.js';

/** What people run: a bundle of what the other suites run. */
const linked = inRepository('packages', 'cli', 'bin', 'masque-vpn.js');

const nowhere = mkdtempSync(join(tmpdir(), 'masque-vpn-bundle-'));
afterAll(() => rmSync(nowhere, { recursive: true }));

const entry = inRepository('packages', 'cli', 'dist', 'masque-vpn.cjs');
/** What V8 compiled of it. */
const code = `${entry}.code`;

beforeAll(bundle);

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

describe('compiled code beside the bundle', () => {
  const help = run([masqueVpn, '--help']);
  afterAll(bundle);

  it.each([
    ['is missing', () => rmSync(code)],
    [
      'is damaged',
      () =>
        writeFileSync(
          code,
          readFileSync(code).map((byte, at) => (at % 7 === 3 ? 0 : byte)),
        ),
    ],
    ['is cut short', () => writeFileSync(code, readFileSync(code).subarray(0, 1000))],
    ['is no code at all', () => writeFileSync(code, 'nothing')],
    ['is of another file', () => writeFileSync(code, readFileSync(inDist('bundled-connect.cjs.code')))],
  ])('does no harm when it %s', (_, spoil) => {
    bundle();
    spoil();
    expect(run([linked, '--help'])).toEqual(help);
  });

  it('is not used for a newer source of the same length', () => {
    bundle();
    writeFileSync(entry, readFileSync(entry, 'utf8').replaceAll('this machine', 'that machine'));
    const { mtimeMs } = statSync(code);
    utimesSync(entry, mtimeMs / 1000 + 1, mtimeMs / 1000 + 1);
    expect(help.stdout).toMatch(/this\s+machine/);
    expect(run([linked, '--help']).stdout).toBe(help.stdout.replaceAll(/this(?=\s+machine)/g, 'that'));
  });
});

function bundle(): void {
  const made = run([inRepository('scripts', 'bundle.mjs')]);
  expect(made).toMatchObject({ status: 0, stderr: '' });
}

function inDist(name: string): string {
  return inRepository('packages', 'cli', 'dist', name);
}

function run(args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}
