import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryStore } from '../store/testing/temporaryStore.js';
import { findMasterKey, MasterKey, type MasterKeyOptions } from './masterKey.js';
import type { PkiResult } from './pkiError.js';
import { openSealer } from './sealing.js';

const good = 'correct horse battery staple';

describe('the master key', () => {
  let directory: string;
  const logs: string[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'masque-vpn-key-'));
    logs.length = 0;
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function find(change: Partial<MasterKeyOptions> = {}): Promise<PkiResult<MasterKey>> {
    const logger = pino({}, { write: (line: string) => void logs.push(line) });
    return findMasterKey({ file: null, directory, environment: {}, mayMake: false, logger, ...change });
  }

  async function sourceOf(change: Partial<MasterKeyOptions>): Promise<string> {
    const found = await find(change);
    return found.ok ? found.value.source : found.error.code;
  }

  it('is made at the first start, readable by its owner only, and found again', async () => {
    const made = await find({ mayMake: true });
    expect(made).toMatchObject({ ok: true, value: { source: 'stateFolder', isNew: true } });
    expect(statSync(join(directory, 'master.key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, 'master.key'), 'utf8')).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
    expect(await find()).toMatchObject({ ok: true, value: { source: 'stateFolder', isNew: false } });
  });

  it('is taken from the environment, then systemd, then the configured file, then the state folder', async () => {
    const credentials = join(directory, 'credentials');
    mkdirSync(credentials);
    const configured = join(directory, 'configured');
    for (const file of [join(credentials, 'master-key'), configured, join(directory, 'master.key')]) {
      writeFileSync(file, `${good}\n`, { mode: 0o600 });
    }
    const environment = { MASQUE_VPN_MASTER_KEY: good, CREDENTIALS_DIRECTORY: credentials };
    expect(await sourceOf({ environment, file: configured })).toBe('environment');
    expect(
      await sourceOf({ environment: { ...environment, MASQUE_VPN_MASTER_KEY: '' }, file: configured }),
    ).toBe('credential');
    expect(await sourceOf({ file: configured })).toBe('configured');
    expect(await sourceOf({})).toBe('stateFolder');
  });

  it('is the first line, whatever follows', async () => {
    writeFileSync(join(directory, 'master.key'), `${good}\r\n# of the VPN\n`, { mode: 0o600 });
    const found = await find();
    const pem = found.ok
      ? await found.value.encrypt((await import('./keys.js')).generateKeys().privateKey)
      : '';
    expect(new MasterKey(good, { source: 'environment', file: null }).decrypt(pem)).not.toBeNull();
  });

  it('is never made where something was encrypted with one (PKI_MASTER_KEY_MISSING)', async () => {
    expect(await sourceOf({})).toBe('PKI_MASTER_KEY_MISSING');
    expect(await sourceOf({ file: join(directory, 'elsewhere') })).toBe('PKI_MASTER_KEY_MISSING');
  });

  it('is made where the configuration wants it, and nowhere else', async () => {
    const file = join(directory, 'elsewhere');
    expect(await find({ file, mayMake: true })).toMatchObject({ ok: true, value: { file, isNew: true } });
    expect(() => statSync(join(directory, 'master.key'))).toThrow('ENOENT');
  });

  it('that is too short is refused (PKI_MASTER_KEY_WEAK), without being shown', async () => {
    const found = await find({ environment: { MASQUE_VPN_MASTER_KEY: 'hunter2' } });
    expect(found).toMatchObject({ ok: false, error: { code: 'PKI_MASTER_KEY_WEAK' } });
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it('that cannot be read is refused (PKI_MASTER_KEY_UNREADABLE)', async () => {
    mkdirSync(join(directory, 'master.key'));
    expect(await sourceOf({})).toBe('PKI_MASTER_KEY_UNREADABLE');
  });

  it('loses the rights of others in the state folder, and warns of them elsewhere', async () => {
    const own = join(directory, 'master.key');
    writeFileSync(own, good);
    chmodSync(own, 0o644);
    await find();
    expect(statSync(own).mode & 0o777).toBe(0o600);
    chmodSync(own, 0o644);
    await find({ file: own });
    expect(statSync(own).mode & 0o777).toBe(0o644);
    expect(logs.join('')).toContain('everybody on this machine can read the master key');
  });

  it('is in no log and no JSON', async () => {
    const found = await find({ mayMake: true });
    const text = readFileSync(join(directory, 'master.key'), 'utf8').trim();
    const logger = pino({}, { write: (line: string) => void logs.push(line) });
    logger.info({ found });
    expect(logs.join('')).not.toContain(text);
  });

  it('seals for one database: the same after a restart, refused with another key (PKI_SEAL_BROKEN)', async () => {
    await using temporary = await temporaryStore();
    const key = new MasterKey(good, { source: 'environment', file: null });
    const [first, again] = [await openSealer(key, temporary.store), await openSealer(key, temporary.store)];
    if (!first.ok || !again.ok) throw new Error('no sealer');
    expect(again.value.open(first.value.seal('secret'))).toEqual({ ok: true, value: 'secret' });
    const other = new MasterKey('another master key', { source: 'environment', file: null });
    expect(await openSealer(other, temporary.store)).toMatchObject({ error: { code: 'PKI_SEAL_BROKEN' } });
    await using second = await temporaryStore();
    const elsewhere = await openSealer(key, second.store);
    expect(elsewhere.ok && elsewhere.value.open(first.value.seal('secret')).ok).toBe(false);
  });
});
