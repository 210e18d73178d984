import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@masque-vpn/engine/fake';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProfile } from '../profile/file.js';
import { defaultTunnel, type Profile } from '../profile/profile.js';
import { ProfileInUse } from '../profile/profileInUse.js';
import { formatProfile } from '../profile/text.js';
import type { ClientStatus } from '../status/status.js';
import { TestAuthority } from '../testing/authority.js';
import { TestFront } from '../testing/front.js';
import { ServerAddresses } from '../transport/serverAddresses.js';
import { serverOf } from '../transport/server.js';
import { Renewal } from './renewal.js';

const day = 86_400_000;
const hour = 3_600_000;

let authority: TestAuthority;
let front: TestFront;
let clock: ManualClock;
let directory: string;
let path: string;
let inUse: ProfileInUse;
let shown: ClientStatus['certificate'][];
let stop: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  authority = await TestAuthority.create();
  front = await TestFront.open(authority, await authority.server('vpn.example.org'));
  clock = new ManualClock();
  directory = await mkdtemp(join(tmpdir(), 'masque-vpn-renewal-'));
  path = join(directory, 'alice.toml');
  shown = [];
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await running;
  await front[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** A profile whose certificate began so long ago and ends so much later. */
async function profile(agoMs: number, leftMs: number): Promise<Profile> {
  const { chainPem, keyPem } = await authority.client('alice', { startsInMs: -agoMs, endsInMs: leftMs });
  return {
    client: 'alice',
    url: `vpn.example.org:${front.port}`,
    address: null,
    ca: authority.pem,
    systemRoots: false,
    certificate: chainPem,
    privateKey: keyPem,
    tunnel: defaultTunnel,
  };
}

async function start(begin: Profile): Promise<void> {
  await writeFile(path, `# mine\n${formatProfile(begin)}`, { mode: 0o600 });
  const log = pino({ level: 'silent' });
  inUse = new ProfileInUse(begin, path, log);
  const server = serverOf(begin);
  if (!server.ok) throw new Error(server.error.message);
  const renewal = new Renewal({
    profile: inUse,
    server: server.value,
    addresses: new ServerAddresses(
      'vpn.example.org',
      async () => Promise.resolve(['127.0.0.1']),
      () => false,
    ),
    status: { certificate: (certificate) => shown.push(certificate) },
    clock,
    random: () => 0,
    log,
  });
  running = renewal.run(stop.signal);
  await until(() => shown.length >= 1);
}

/** Sockets and files are real, and take a moment. */
async function until(holds: () => boolean): Promise<void> {
  const patience = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > patience) throw new Error('waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets time pass in the steps in which the renewal looks at the clock. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 900_000) {
    clock.advance(Math.min(left, 900_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the certificate of a running client', () => {
  it('is renewed at two thirds of its life, with a new key, and the file keeps what is its owner’s', async () => {
    const begin = await profile(hour, 30 * day - hour);
    await start(begin);
    await pass(20 * day - hour - 1_000_000);
    expect(front.renewals).toEqual([]);
    await pass(1_100_000);
    await until(() => shown.length >= 2);
    expect(shown.at(-1)?.renewalError).toBeNull();
    expect(front.renewals).toEqual([{ csrPem: expect.stringContaining('REQUEST') as string }]);
    const file = await readProfile(path);
    if (!file.ok) throw new Error(file.error.message);
    expect(file.value.privateKey.trim()).not.toBe(begin.privateKey.trim());
    expect(inUse.current.certificate.trim()).toBe(file.value.certificate.trim());
    expect(inUse.current.certificate).not.toBe(begin.certificate);
    expect(await readdir(directory)).toEqual(['alice.toml']);
  });

  it('is renewed soon after the start when that is overdue', async () => {
    await start(await profile(25 * day, 5 * day));
    await until(() => front.renewals.length === 1);
  });

  it('learns of the server’s next authority with its own renewal (rollover)', async () => {
    const next = await TestAuthority.create();
    const anchorsPem = `${authority.pem}\n${next.pem}\n`;
    front.behaviour.answer = { serverTrust: { anchorsPem, system: false } };
    await start(await profile(25 * day, 5 * day));
    await until(() => shown.length >= 2);
    const file = await readProfile(path);
    expect(file).toMatchObject({ ok: true, value: { ca: expect.stringContaining(next.pem) as string } });
  });

  it('that somebody replaced in the file is used, and nothing is asked for', async () => {
    await start(await profile(hour, 30 * day - hour));
    const replaced = await profile(0, 60 * day);
    await writeFile(path, formatProfile(replaced));
    await pass(20 * day);
    await until(() => shown.length >= 2);
    expect(front.renewals).toEqual([]);
    expect(inUse.current.privateKey.trim()).toBe(replaced.privateKey.trim());
  });
});

describe('a renewal that fails', () => {
  it('leaves the certificate as it is, is shown, and is repeated', async () => {
    const begin = await profile(25 * day, 5 * day);
    front.behaviour.refusal = { status: 503, body: { code: 'STORE_UNAVAILABLE', detail: 'later' } };
    await start(begin);
    await until(() => shown.length >= 2);
    expect(shown.at(-1)).toMatchObject({ renewalError: { code: 'STORE_UNAVAILABLE' } });
    expect(inUse.current).toEqual(begin);
    front.behaviour.refusal = null;
    await pass(30_000);
    await until(() => shown.length >= 3);
    expect(shown.at(-1)?.renewalError).toBeNull();
    expect(front.renewals).toHaveLength(2);
  });

  it('waits as long as the server asks', async () => {
    front.behaviour.refusal = { status: 429, body: { code: 'API_RATE_LIMITED' }, retryAfterSeconds: 600 };
    await start(await profile(25 * day, 5 * day));
    await until(() => shown.length >= 2);
    expect(shown.at(-1)?.renewsAtMs).toBe(clock.now() + 600_000);
  });

  it('because the server is not the one of the profile sends nothing', async () => {
    const begin = await profile(25 * day, 5 * day);
    const other = await TestAuthority.create();
    await start({ ...begin, ca: other.pem });
    await until(() => shown.length >= 2);
    expect(shown.at(-1)).toMatchObject({ renewalError: { code: 'SERVER_CERTIFICATE_REFUSED' } });
    expect(front.renewals).toEqual([]);
  });

  it.each([
    ['of another client', { clientId: 'bob' }],
    ['without trust anchors', { serverTrust: { anchorsPem: 'none', system: false } }],
  ])('with an answer %s changes nothing', async (_, answer) => {
    const begin = await profile(25 * day, 5 * day);
    front.behaviour.answer = answer;
    await start(begin);
    await until(() => shown.length >= 2);
    expect(shown.at(-1)).toMatchObject({ renewalError: { code: 'SERVER_RESPONSE_INVALID' } });
    expect(inUse.current).toEqual(begin);
    expect((await readProfile(path)).ok).toBe(true);
  });

  it('because the profile’s folder is gone asks the server nothing', async () => {
    await start(await profile(hour, 30 * day - hour));
    await rm(path);
    await pass(20 * day);
    await until(() => shown.length >= 2);
    expect(shown.at(-1)).toMatchObject({ renewalError: { code: 'PROFILE_UNWRITABLE' } });
    expect(front.renewals).toEqual([]);
  });

  it('for so long that the certificate ends says what to do', async () => {
    front.behaviour.refusal = { status: 500, body: { code: 'API_INTERNAL_ERROR' } };
    await start(await profile(25 * day, 60_000));
    await until(() => shown.length >= 2);
    clock.advance(59_000);
    await until(() => shown.length >= 3);
    const asked = front.renewals.length;
    clock.advance(10_000);
    await until(() => shown.at(-1)?.renewalError?.code === 'PROFILE_CERTIFICATE_EXPIRED');
    expect(shown.at(-1)?.renewalError?.message).toContain('masque-vpn enroll LINK');
    expect(front.renewals).toHaveLength(asked);
  });
});
