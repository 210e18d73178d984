import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePostgresUrl } from '../config/postgresUrl.js';
import { openStore } from './store.js';
import { PostgresCluster } from './testing/postgresCluster.js';

describe('PostgreSQL over TLS', () => {
  let folder: string;
  let cluster: PostgresCluster;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'masque-vpn-tls-'));
    makeCertificate('database', 'DNS:localhost');
    makeCertificate('stranger', 'DNS:localhost');
    cluster = await PostgresCluster.create({ durable: false });
    port = await cluster.restartWithTls({
      chainPem: readFileSync(join(folder, 'database.pem'), 'utf8'),
      keyPem: readFileSync(join(folder, 'database.key'), 'utf8'),
    });
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A certificate that is its own authority. */
  function makeCertificate(name: string, alternativeNames: string): void {
    const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const content = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${alternativeNames}`, '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...key, ...files, ...content], { stdio: 'pipe' });
  }

  /** `connected`, or the code and what it says. */
  async function open(host: string, parameters: string): Promise<string> {
    const url = parsePostgresUrl(`postgres://masque_vpn@${host}:${port}/postgres?${parameters}`);
    if (!url.ok) throw new Error('the URL is wrong');
    const opened = await openStore({
      location: { kind: 'postgres', address: url.value, passwordFile: null },
      clock: { now: () => 1 },
      logger: pino({ level: 'silent' }),
    });
    if (!opened.ok) return `${opened.error.code} ${opened.error.message}`;
    await opened.value.settings.set('seen', host);
    await opened.value.close();
    return 'connected';
  }
  const rootOf = (name: string): string => `sslrootcert=${join(folder, `${name}.pem`)}`;

  test.each(['verify-full', 'verify-ca', 'require'])('%s connects to whom it is to trust', async (mode) => {
    expect(await open('localhost', `sslmode=${mode}&${rootOf('database')}`)).toBe('connected');
  });

  test.each(['verify-full', 'verify-ca'])('%s refuses whom another authority certified', async (mode) => {
    const outcome = await open('localhost', `sslmode=${mode}&${rootOf('stranger')}`);
    expect(outcome).toMatch(/^STORE_UNAVAILABLE .*self-signed certificate/);
    expect(await open('localhost', `sslmode=${mode}`)).toMatch(
      /^STORE_UNAVAILABLE .*self-signed certificate/,
    );
  });

  test('only verify-full, which is the default, minds the name', async () => {
    const root = rootOf('database');
    const outcome = await open('127.0.0.1', `sslmode=verify-full&${root}`);
    expect(outcome).toMatch(/^STORE_UNAVAILABLE .*does not match certificate/);
    expect(await open('127.0.0.1', `sslmode=verify-ca&${root}`)).toBe('connected');
    expect(await open('127.0.0.1', 'sslmode=require')).toBe('connected');
  });

  test('clear text is refused by a database that takes TLS only', async () => {
    expect(await open('localhost', 'sslmode=disable')).toMatch(/^STORE_[A-Z_]+ .*28000/);
  });
});
