import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestServer } from '../testing/testServer.js';
import { backupServer, restoreServer, type BackupOptions } from './backup.js';

describe('a backup of a server', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'masque-vpn-backup-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const options = (server: TestServer, change: Partial<BackupOptions> = {}): BackupOptions => ({
    stateDir: server.config.server.stateDir,
    runtimeDir: server.config.server.runtimeDir,
    file: join(folder, 'vpn.backup'),
    replace: false,
    now: 1_700_000_000_000,
    ...change,
  });

  it('is made while it runs, and by whom is in the audit', async () => {
    await using server = await TestServer.start();
    await server.addClient('alice');
    const made = await backupServer(options(server));
    expect(made).toMatchObject({ ok: true });
    expect(statSync(join(folder, 'vpn.backup')).mode & 0o777).toBe(0o600);
    expect(await server.call('GET', '/api/v1/audit?action=server.backup')).toMatchObject({
      body: { items: [{ actor: { kind: 'local' }, target: { kind: 'server' } }] },
    });
    expect(await restoreServer(options(server, { replace: true }))).toMatchObject({
      ok: false,
      error: { code: 'STORE_IN_USE' },
    });
  }, 20_000);

  it('brings clients back that were deleted since, with addresses and certificates', async () => {
    const server = await TestServer.start();
    const credential = await server.addClient('alice');
    await backupServer(options(server));
    expect((await server.call('DELETE', '/api/v1/clients/alice')).status).toBe(204);
    await server.stop();
    expect(await restoreServer(options(server))).toMatchObject({
      error: { code: 'BACKUP_TARGET_NOT_EMPTY' },
    });
    expect(await restoreServer(options(server, { replace: true }))).toMatchObject({ ok: true });
    await using again = await TestServer.start({ directory: server.directory });
    again.trust(credential.anchorsPem);
    const alice = await again.connected(credential);
    expect((await alice.request()).status).toBe(200);
  });

  it('is made of one that does not run, and not of none', async () => {
    const server = await TestServer.start();
    await server.addClient('alice');
    await server.stop();
    expect(await backupServer(options(server))).toMatchObject({ ok: true });
    const nowhere = options(server, { stateDir: join(folder, 'no'), file: join(folder, 'x.backup') });
    expect(await backupServer(nowhere)).toMatchObject({ error: { code: 'STORE_UNAVAILABLE' } });
    rmSync(server.directory, { recursive: true });
  });
});
