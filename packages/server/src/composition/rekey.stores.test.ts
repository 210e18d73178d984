import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeStores, type TemporaryStore } from '../store/testing/temporaryStore.js';
import { TestServer, testConfig } from '../testing/testServer.js';
import { rekeyServer } from './rekey.js';

const newKey = 'another key of many characters';

describeStores('the master key of a server', (open) => {
  let temporary: TemporaryStore;
  let directory: string;
  let stateDir: string;
  let newKeyFile: string;
  let configFile: string;
  beforeEach(async () => {
    temporary = await open();
    await temporary.store.close();
    directory = mkdtempSync(join(tmpdir(), 'masque-vpn-rekey-'));
    stateDir = join(directory, 'state');
    newKeyFile = join(directory, 'new.key');
    configFile = join(directory, 'server.toml');
    writeFileSync(newKeyFile, `${newKey}\n`, { mode: 0o600 });
    const { location } = temporary;
    const url =
      location.kind === 'sqlite'
        ? ''
        : `[store]\nurl = "postgres://masque_vpn@/${location.address.database}?host=${location.address.host}"\n`;
    writeFileSync(configFile, url);
  });
  afterEach(async () => {
    await temporary[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (): Promise<TestServer> => {
    const { location } = temporary;
    const store = location.kind === 'sqlite' ? {} : { store: location };
    return TestServer.start({ directory, config: { ...testConfig(directory), ...store } });
  };
  const change = () =>
    rekeyServer({
      ...{ configFile, stateDir, runtimeDir: join(directory, 'run'), newKeyFile, environment: {}, now: 7 },
      logTarget: { write: () => undefined },
    });
  const keyFile = (): string => join(stateDir, 'master.key');
  const secret = (): string => readFileSync(keyFile(), 'utf8').trim();

  /** A server with everything that is sealed. */
  async function fill(): Promise<string> {
    const server = await start();
    const target = { url: 'https://127.0.0.1:1/vpn', events: ['session.connected'] };
    expect((await server.call('POST', '/api/v1/webhooks', target)).status).toBe(201);
    await server.addClient('alice');
    await server.stop();
    return secret();
  }

  it('is replaced: the server goes on with the new one, and not with the old one', async () => {
    const old = await fill();
    expect(await change()).toEqual({
      ok: true,
      value: {
        rekeyed: { authorities: 1, secrets: 1 },
        keyFile: keyFile(),
        oldKeyFile: `${keyFile()}.old`,
      },
    });
    expect([secret(), readFileSync(`${keyFile()}.old`, 'utf8').trim()]).toEqual([newKey, old]);
    const server = await start();
    const { body } = await server.call('GET', '/api/v1/webhooks');
    const [webhook] = (body as { readonly items: readonly { readonly id: string }[] }).items;
    const tested = await server.call('POST', `/api/v1/webhooks/${webhook?.id ?? ''}/test`);
    expect(JSON.stringify(tested.body)).not.toContain('PKI_SEAL_BROKEN');
    await server.addClient('bob');
    expect(await server.call('GET', '/api/v1/audit?action=server.rekey')).toMatchObject({
      body: { items: [{ detail: { authorities: 1, secrets: 1 } }] },
    });
    await server.stop();
    copyFileSync(`${keyFile()}.old`, keyFile());
    await expect(start()).rejects.toThrow('PKI_MASTER_KEY_WRONG');
  }, 60_000);

  it('is replaced after a crash between database and key file as well', async () => {
    const old = await fill();
    await change();
    writeFileSync(keyFile(), old);
    expect(await change()).toMatchObject({ ok: true, value: { rekeyed: null } });
    expect([secret(), readFileSync(`${keyFile()}.old`, 'utf8').trim()]).toEqual([newKey, old]);
    expect(await change()).toMatchObject({ ok: true, value: { rekeyed: null } });
    expect(readFileSync(`${keyFile()}.old`, 'utf8').trim()).toBe(old);
    await (await start()).stop();
  }, 60_000);

  it('stays while a server uses the database (STORE_IN_USE), and nothing is changed', async () => {
    await using server = await start();
    const old = secret();
    expect(await change()).toMatchObject({ ok: false, error: { code: 'STORE_IN_USE' } });
    expect(secret()).toBe(old);
    await server.addClient('alice');
  }, 60_000);

  it('stays when it is not the right one, or the new one is weak', async () => {
    const old = await fill();
    writeFileSync(keyFile(), 'a key that nothing was encrypted with');
    expect(await change()).toMatchObject({ ok: false, error: { code: 'PKI_MASTER_KEY_WRONG' } });
    expect(existsSync(`${keyFile()}.old`)).toBe(false);
    writeFileSync(keyFile(), old);
    writeFileSync(newKeyFile, 'short');
    expect(await change()).toMatchObject({ ok: false, error: { code: 'PKI_MASTER_KEY_WEAK' } });
    rmSync(newKeyFile);
    expect(await change()).toMatchObject({ ok: false, error: { code: 'PKI_MASTER_KEY_UNREADABLE' } });
    expect(existsSync(keyFile())).toBe(true);
    await (await start()).stop();
  }, 60_000);
});
