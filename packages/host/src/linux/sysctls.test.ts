import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { SysctlRecord } from './record.js';
import { Sysctls } from './sysctls.js';

let root: string;
let sysctls: Sysctls;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'masque-vpn-sysctl-'));
  sysctls = new Sysctls(root);
});
afterEach(() => rm(root, { recursive: true }));

async function kernel(values: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await mkdir(dirname(join(root, key)), { recursive: true });
    await writeFile(join(root, key), `${value}\n`);
  }
}

const key = 'net/ipv6/conf/eth0.100/accept_ra';
const record: SysctlRecord = { key, value: '2', previous: '1', dependants: {} };

test('records what was there before the change', async () => {
  await kernel({ [key]: '1' });
  expect(await sysctls.prepare({ key, value: '2' }, undefined)).toEqual({ ok: true, value: record });
});

test('has nothing to do where the value is right or the condition does not hold', async () => {
  await kernel({ [key]: '0' });
  expect(await sysctls.prepare({ key, value: '0' }, undefined)).toEqual({ ok: true, value: null });
  const plan = { key, value: '2', onlyFrom: ['1'] };
  expect(await sysctls.prepare(plan, undefined)).toEqual({ ok: true, value: null });
});

test('a parameter that is not there is an error unless it is optional', async () => {
  expect(await sysctls.prepare({ key, value: '1' }, undefined)).toMatchObject({
    error: { code: 'HOST_SYSCTL_FAILED' },
  });
  expect(await sysctls.prepare({ key, value: '1', optional: true }, undefined)).toEqual({
    ok: true,
    value: null,
  });
});

test('a later plan keeps the value from before the first', async () => {
  await kernel({ [key]: '2' });
  expect(await sysctls.prepare({ key, value: '3' }, record)).toEqual({
    ok: true,
    value: { ...record, value: '3' },
  });
});

test('restores what it changed, and only while the value is its own', async () => {
  await kernel({ [key]: '2' });
  expect(await sysctls.restore(record)).toEqual({ ok: true });
  expect(await sysctls.read(key)).toBe('1');
  await kernel({ [key]: '0' });
  await sysctls.restore(record);
  expect(await sysctls.read(key)).toBe('0');
});

test('a parameter that vanished with its interface needs no restoring', async () => {
  expect(await sysctls.restore(record)).toEqual({ ok: true });
});

test('conf/all/forwarding remembers every interface it drags along', async () => {
  const all = 'net/ipv6/conf/all/forwarding';
  const [eth0, eth1] = ['net/ipv6/conf/eth0/forwarding', 'net/ipv6/conf/eth1/forwarding'] as const;
  await kernel({ [all]: '0', [eth0]: '0', [eth1]: '1' });
  const prepared = await sysctls.prepare({ key: all, value: '1' }, undefined);
  expect(prepared).toMatchObject({ ok: true, value: { dependants: { [eth0]: '0', [eth1]: '1' } } });
  // As the kernel does it: back to 0 for all.
  await kernel({ [all]: '1', [eth0]: '0', [eth1]: '0' });
  if (prepared.ok && prepared.value !== null) await sysctls.restore(prepared.value);
  expect(await readFile(join(root, eth1), 'utf8')).toBe('1\n');
});
