import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { ManualClock } from '@masque-vpn/engine/fake';
import type { EnrolmentLink } from '@masque-vpn/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../clock.js';
import { formatProfile, parseProfile } from '../profile/text.js';
import type { ExchangeOutcome } from '../publicPort/portFailure.js';
import { TestAuthority } from '../testing/authority.js';
import { TestFront } from '../testing/front.js';
import { enrol, type Enrolled } from './enrol.js';

const host = 'vpn.example.org';
const secret = 'A'.repeat(32);
const never = new AbortController().signal;

let authority: TestAuthority;
let front: TestFront;
beforeEach(async () => {
  authority = await TestAuthority.create();
  front = await TestFront.open(authority, await authority.server(host));
});
afterEach(async () => {
  await front[Symbol.asyncDispose]();
});

function link(changes: Partial<EnrolmentLink> = {}): EnrolmentLink {
  return {
    host,
    port: front.port,
    secret,
    trust: { sha256: [authority.sha256], system: false },
    ...changes,
  };
}

async function redeem(
  asked: EnrolmentLink = link(),
  clock: Clock = systemClock,
): Promise<ExchangeOutcome<Enrolled>> {
  return enrol(asked, { resolve: async () => Promise.resolve(['127.0.0.1']), clock }, never);
}

async function codeOf(outcome: Promise<ExchangeOutcome<Enrolled>>): Promise<string> {
  const ended = await outcome;
  return ended.ok ? 'none' : ended.error.code;
}

describe('a link', () => {
  it('becomes a profile whose key was made here', async () => {
    const outcome = await redeem();
    if (!outcome.ok) throw new Error(outcome.error.message);
    const { profile, clockAheadMs } = outcome.value;
    expect(profile).toMatchObject({ client: 'alice', address: null, ca: authority.pem, systemRoots: false });
    expect(
      new X509Certificate(profile.certificate).checkPrivateKey(createPrivateKey(profile.privateKey)),
    ).toBe(true);
    expect(parseProfile(formatProfile(profile), 'alice.toml')).toMatchObject({ ok: true });
    expect(Math.abs(clockAheadMs)).toBeLessThan(60_000);
    expect(JSON.stringify(front.redemptions)).not.toContain('PRIVATE KEY');
    expect(front.redemptions).toEqual([{ secret, csrPem: expect.stringContaining('REQUEST') as string }]);
  });

  it('may name the server’s own certificate instead of an authority', async () => {
    const certificate = await authority.server(host);
    await using own = await TestFront.open(authority, certificate);
    const sha256 = new X509Certificate(certificate.chainPem).fingerprint256.replaceAll(':', '').toLowerCase();
    const trust = { sha256: [sha256], system: false };
    expect(await codeOf(redeem(link({ port: own.port, trust })))).toBe('none');
    expect(await codeOf(redeem(link({ trust })))).toBe('SERVER_FINGERPRINT_MISMATCH');
  });

  it('survives answers that are lost, with the same key', async () => {
    front.behaviour.silent = 2;
    const clock = new ManualClock();
    const redeemed = redeem(link(), clock);
    await waitUntil(() => front.redemptions.length === 1);
    await tick(clock);
    await waitUntil(() => front.redemptions.length === 2);
    await tick(clock);
    expect(await redeemed).toMatchObject({ ok: true });
    expect(new Set(front.redemptions.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  it('leads to the host that it names itself, whatever the server calls itself', async () => {
    await using named = await TestFront.open(authority, await authority.server('inside.example'));
    const outcome = await redeem(link({ host: 'inside.example', port: named.port }));
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        profile: { url: `https://inside.example:${named.port}/.well-known/masque/ip/{target}/{ipproto}/` },
      },
    });
  });

  it('whose host has no address is said so', async () => {
    const tools = { resolve: async () => Promise.resolve([]), clock: systemClock };
    expect(await enrol(link(), tools, never)).toMatchObject({
      ok: false,
      error: { code: 'SERVER_NAME_UNRESOLVED' },
    });
  });
});

describe('the secret is sent to nobody', () => {
  it('with another fingerprint', async () => {
    const other = await TestAuthority.create();
    const trust = { sha256: [other.sha256], system: false };
    expect(await codeOf(redeem(link({ trust })))).toBe('SERVER_FINGERPRINT_MISMATCH');
    expect(front.redemptions).toEqual([]);
  });

  it('who shows the right authority’s certificate beside a leaf of his own', async () => {
    const mallory = await TestAuthority.create();
    const leaf = await mallory.server(host);
    await using fake = await TestFront.open(authority, leaf);
    expect(await codeOf(redeem(link({ port: fake.port })))).toBe('SERVER_CERTIFICATE_REFUSED');
    expect(fake.redemptions).toEqual([]);
  });

  it('with another client’s certificate of the right authority', async () => {
    await using fake = await TestFront.open(authority, await authority.client('mallory'));
    expect(await codeOf(redeem(link({ port: fake.port })))).toBe('SERVER_CERTIFICATE_REFUSED');
    expect(fake.redemptions).toEqual([]);
  });

  it('with another server’s certificate of the right authority', async () => {
    await using other = await TestFront.open(authority, await authority.server('other.example.org'));
    expect(await codeOf(redeem(link({ port: other.port })))).toBe('SERVER_CERTIFICATE_REFUSED');
    expect(other.redemptions).toEqual([]);
  });

  it('whose certificate is not valid at this time, and the clock is named', async () => {
    for (const life of [{ endsInMs: -60_000 }, { startsInMs: 60_000, endsInMs: 120_000 }]) {
      await using late = await TestFront.open(authority, await authority.serverWithin([host], life));
      expect(await codeOf(redeem(link({ port: late.port })))).toBe('CLIENT_CLOCK_WRONG');
      expect(late.redemptions).toEqual([]);
    }
  });

  it('on a port where something else answers, as a captive portal does', async () => {
    const portal = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 302 Found\r\nlocation: http://portal.example/\r\n\r\n');
    });
    const port = await listening(portal);
    expect(await codeOf(redeem(link({ port })))).toBe('SERVER_PORT_FOREIGN');
    portal.close();
  });

  it('on a port where nobody listens', async () => {
    const free = createServer();
    const port = await listening(free);
    await new Promise((resolve) => free.close(resolve));
    expect(await codeOf(redeem(link({ port })))).toBe('SERVER_UNREACHABLE');
  });
});

describe('a refusal', () => {
  it.each(['ENROLMENT_USED', 'ENROLMENT_EXPIRED'])('keeps the server’s code: %s', async (code) => {
    front.behaviour.refusal = { status: 410, body: { code, detail: 'It was used.' } };
    const outcome = await redeem();
    expect(outcome).toMatchObject({
      ok: false,
      error: { code, status: 410, message: expect.stringContaining('refused: It was used.') as string },
    });
    expect(front.redemptions).toHaveLength(1);
  });

  it('says how long to wait', async () => {
    front.behaviour.refusal = { status: 429, body: { code: 'RATE_LIMITED' }, retryAfterSeconds: 7 };
    expect(await redeem()).toMatchObject({ ok: false, error: { retry: 'soon', retryAfterMs: 7_000 } });
  });

  it('of something that is no masque-vpn server is told apart', async () => {
    front.behaviour.refusal = { status: 404, body: '<html>' };
    expect(await codeOf(redeem())).toBe('ENROLMENT_MESSAGE_INVALID');
  });
});

describe('an answer that makes no profile is refused', () => {
  it.each([
    ['a name that leads out of the directory', { clientId: '../../etc/passwd' }],
    ['a url that is no template', { url: 'https://vpn.example.org/{target' }],
    ['a url without encryption', { url: 'http://vpn.example.org/{target}/{ipproto}/' }],
    ['no certificate', { certificatePem: 'hello' }],
  ])('%s', async (_, answer) => {
    front.behaviour.answer = answer;
    expect(await codeOf(redeem())).toBe('SERVER_RESPONSE_INVALID');
  });

  it('another key’s certificate', async () => {
    front.behaviour.answer = { certificatePem: (await authority.client('alice')).chainPem };
    expect(await codeOf(redeem())).toBe('SERVER_RESPONSE_INVALID');
  });
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

/** Sockets are real and take a moment. */
async function waitUntil(holds: () => boolean): Promise<void> {
  const patience = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > patience) throw new Error('waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets the pause that follows begin, and end. */
async function tick(clock: ManualClock): Promise<void> {
  const patience = performance.now() + 5_000;
  const before = front.redemptions.length;
  while (front.redemptions.length === before && performance.now() < patience) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
