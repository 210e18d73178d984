import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@masque-vpn/engine/fake';
import { ENROLMENT_PATHS, parseCertified, type Certified, type EnrolmentLink } from '@masque-vpn/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServerConfig } from '../config/config.js';
import { presentedBy } from '../front/testing/presented.js';
import { CertificateAuthority } from '../pki/authority.js';
import { makeKeyAndRequest } from '../testing/credential.js';
import { TestClient } from '../testing/testClient.js';
import { testConfig, TestServer } from '../testing/testServer.js';
import { freePort } from './testing/freePort.js';
import { parsed, pinned, post, redeem, type Answer } from './testing/machine.js';

const hour = 3_600_000;
const day = 24 * hour;

/** A certificate with its key, and what its holder knows the server by. */
interface Holder {
  readonly chainPem: string;
  readonly keyPem: string;
  readonly certified: Certified;
}

let server: TestServer;
afterEach(() => server[Symbol.asyncDispose]());

/** A server whose public TCP port is open, with the time of `clock`. */
async function start(change: Partial<ServerConfig> = {}, clock = new ManualClock()): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-'));
  const config = testConfig(directory);
  const port = await freePort();
  const listen = { address: '127.0.0.1', port, text: `127.0.0.1:${port}` };
  server = await TestServer.start({
    directory,
    clock,
    config: { server: { ...config.server, host: '127.0.0.1', listen }, front: { enabled: true }, ...change },
  });
}

async function api(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.call(method, `/api/v1${path}`, body);
}

async function newLink(name: string): Promise<EnrolmentLink> {
  const { status, body } = await api('POST', '/clients', { name, enrolment: {} });
  expect(status).toBe(201);
  return parsed((body as { enrolment: { link: string } }).enrolment.link);
}

const port = (): number => server.config.server.listen.port;

async function enrolled(link: EnrolmentLink): Promise<Holder> {
  return holder(await redeem(link));
}

function holder({ status, body, keyPem }: Answer & { readonly keyPem: string }): Holder {
  expect(status, JSON.stringify(body)).toBe(200);
  const certified = parseCertified(body);
  if (!certified.ok) throw new Error(certified.error.message);
  return { chainPem: certified.value.certificatePem, keyPem, certified: certified.value };
}

async function renew({ chainPem, keyPem, certified }: Holder): Promise<Answer & { readonly keyPem: string }> {
  const next = await makeKeyAndRequest('masque-vpn');
  const tls = { ca: certified.serverTrust.anchorsPem, cert: chainPem, key: keyPem };
  return {
    ...(await post(port(), ENROLMENT_PATHS.renew, { csrPem: next.csrPem }, tls)),
    keyPem: next.keyPem,
  };
}

/** Whether a tunnel opens, and how. */
async function connects(client: Holder): Promise<number | string> {
  server.trust(client.certified.serverTrust.anchorsPem);
  const tunnel = server.client(client);
  const outcome = await tunnel.connect();
  return outcome === 'connected' ? (await tunnel.request()).status : outcome;
}

async function auditedActions(): Promise<string[]> {
  const { body } = await api('GET', '/audit?limit=100');
  return (body as { items: { action: string }[] }).items.map(({ action }) => action).toReversed();
}

describe('a server with its public TCP port open', () => {
  it('turns a link into a tunnel, once', async () => {
    await start();
    const link = await newLink('alice');
    const alice = await enrolled(link);
    expect(alice.certified).toMatchObject({
      clientId: 'alice',
      url: `https://127.0.0.1:${link.port}/.well-known/masque/ip/{target}/{ipproto}/`,
    });
    expect(await connects(alice)).toBe(200);
    expect(await redeem(link)).toMatchObject({ status: 409, body: { code: 'ENROLMENT_USED' } });
    expect((await api('GET', '/enrolments?client=alice')).body).toMatchObject({
      items: [{ client: 'alice', state: 'redeemed', redeemedFrom: '127.0.0.1' }],
      nextCursor: null,
    });
    expect(await auditedActions()).toEqual(
      expect.arrayContaining(['enrolment.create', 'client.create', 'enrolment.redeem']),
    );
    expect(JSON.stringify(server.logs)).not.toContain(link.secret);
  });

  it('serves no administration there', async () => {
    await start();
    const ca = await pinned(await newLink('alice'));
    for (const path of ['/api/v1/clients', '/metrics', '/health', '/']) {
      expect(await post(port(), path, {}, { ca })).toMatchObject({
        status: 404,
        body: { code: 'FRONT_NOT_FOUND' },
      });
    }
  });

  it('takes a link back', async () => {
    await start();
    await newLink('alice');
    const created = (await api('POST', '/enrolments', { client: 'alice', lifetimeHours: 1 })).body as {
      id: string;
      link: string;
    };
    expect((await api('DELETE', `/enrolments/${created.id}`)).status).toBe(204);
    expect(await redeem(parsed(created.link))).toMatchObject({
      status: 410,
      body: { code: 'ENROLMENT_REVOKED' },
    });
    expect((await api('GET', `/enrolments/${created.id}`)).body).toMatchObject({ state: 'revoked' });
    expect((await api('POST', '/enrolments', { client: 'nobody' })).status).toBe(404);
  });

  it('renews for the holder of a certificate, until it is revoked or the client disabled', async () => {
    await start();
    const first = await enrolled(await newLink('alice'));
    const second = holder(await renew(first));
    expect(second.chainPem).not.toBe(first.chainPem);
    expect(await connects(second)).toBe(200);
    const { items } = (await api('GET', '/certificates?client=alice&usable=true')).body as {
      items: { sha256: string; createdAtMs: number }[];
    };
    expect(items).toHaveLength(2);
    for (const { sha256 } of items) {
      expect((await api('POST', `/certificates/${sha256}/revoke`, { reason: 'lost' })).status).toBe(200);
    }
    expect(await renew(second)).toMatchObject({ status: 403, body: { code: 'CERTIFICATE_REVOKED' } });
    const again = await enrolled(
      parsed(((await api('POST', '/enrolments', { client: 'alice' })).body as { link: string }).link),
    );
    await api('PATCH', '/clients/alice', { enabled: false });
    expect(await renew(again)).toMatchObject({ status: 403, body: { code: 'CLIENT_DISABLED' } });
  });

  it('refuses renewal without a certificate, and with one of a stranger', async () => {
    await start();
    const alice = await enrolled(await newLink('alice'));
    const ca = alice.certified.serverTrust.anchorsPem;
    const { csrPem, keyPem } = await makeKeyAndRequest('alice');
    expect((await post(port(), ENROLMENT_PATHS.renew, { csrPem }, { ca })).status).toBe(401);
    const stranger = await CertificateAuthority.make(Date.now());
    const issued = await stranger.issueClientCertificate({ csrPem, clientId: 'alice', now: Date.now() });
    const tls = { ca, cert: issued.ok ? issued.value.pem : '', key: keyPem };
    expect((await post(port(), ENROLMENT_PATHS.renew, { csrPem }, tls)).status).toBe(401);
  });

  it(
    'rolls its authority over: nobody is cut off who renews in time, and the old one is gone in the end',
    { timeout: 60_000 },
    async () => {
      // In the past, so that what is made at the end is valid by the clock of TLS as well.
      await start({}, new ManualClock(Date.now() - 40 * day));
      const old = await enrolled(await newLink('alice'));
      const absent = await enrolled(await newLink('bob'));
      const oldLink = await newLink('carol');
      expect((await api('POST', '/pki/rollover')).status).toBe(201);
      expect((await api('POST', '/pki/rollover')).body).toMatchObject({ code: 'PKI_ROLLOVER_UNDER_WAY' });

      // Whoever was there before goes on, and a link from before as well.
      expect(await connects(old)).toBe(200);
      expect((await redeem(oldLink)).status).toBe(200);
      expect((await newLink('dave')).trust.sha256).toHaveLength(2);

      server.clock.advance(20 * day);
      const renewed = holder(await renew(old));
      expect(renewed.certified.serverTrust.anchorsPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      expect(await connects(renewed)).toBe(200);

      const authorities = async () =>
        ((await api('GET', '/pki')).body as { authorities: { retiredAtMs: number | null }[] }).authorities;
      expect((await authorities()).map(({ retiredAtMs }) => retiredAtMs)).toEqual([null, null]);
      // Past the last certificate of the old one, and the hour in which that is noticed.
      server.clock.advance(11 * day);
      await server.until('the old authority to retire', async () => {
        server.clock.advance(hour);
        return (await authorities())[1]?.retiredAtMs !== null;
      });
      const { anchorsPem } = (await api('GET', '/pki')).body as { anchorsPem: string };
      expect(anchorsPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);

      // Who renewed knows the new authority; who did not has neither a valid certificate nor a way to know the server.
      await server.until('the server to have a certificate of the new authority', async () =>
        post(port(), '/', {}, { ca: anchorsPem }).then(
          () => true,
          () => false,
        ),
      );
      const latest = holder(await renew(renewed));
      expect(await connects(latest)).toBe(200);
      await expect(renew(absent)).rejects.toThrow(/certificate/);
      expect(await connects(absent)).not.toBe(200);
    },
  );

  it('retires a stolen authority at once, with all of its certificates and their sessions', async () => {
    await start();
    const alice = await enrolled(await newLink('alice'));
    expect(await connects(alice)).toBe(200);
    await api('POST', '/pki/rollover');
    const { authorities } = (await api('GET', '/pki')).body as {
      authorities: { sha256: string; issuing: boolean }[];
    };
    const [issuing, serving] = [
      authorities.find((each) => each.issuing),
      authorities.find((each) => !each.issuing),
    ];
    expect(await api('POST', `/pki/authorities/${issuing?.sha256}/retire`)).toMatchObject({
      status: 409,
      body: { code: 'PKI_AUTHORITY_ISSUING' },
    });
    expect(await api('POST', `/pki/authorities/${serving?.sha256}/retire`)).toMatchObject({
      status: 200,
      body: { certificatesRevoked: 1, sessionsEnded: 1 },
    });
    expect(await connects(alice)).not.toBe(200);
  });

  it('lets a certificate of another authority in by its fingerprint, and out again', async () => {
    await start();
    await newLink('alice');
    const foreign = await CertificateAuthority.make(server.clock.now());
    const { csrPem, keyPem } = await makeKeyAndRequest('alice');
    const now = server.clock.now();
    const issued = await foreign.issueClientCertificate({ csrPem, clientId: 'alice', now });
    if (!issued.ok) throw new Error(issued.error.message);
    const { anchorsPem } = (await api('GET', '/pki')).body as { anchorsPem: string };
    server.trust(anchorsPem);
    const credential = { chainPem: issued.value.pem, keyPem };
    expect(await server.client(credential).connect()).not.toBe('connected');

    const body = { client: 'alice', certificatePem: issued.value.pem };
    expect(await api('POST', '/certificates', body)).toMatchObject({
      status: 201,
      body: { origin: 'imported', client: 'alice', sha256: issued.value.sha256 },
    });
    expect((await api('POST', '/certificates', body)).body).toMatchObject({ code: 'CERTIFICATE_EXISTS' });
    expect((await (await server.connected(credential)).request()).status).toBe(200);

    const revoked = await api('POST', `/certificates/${issued.value.sha256}/revoke`, {});
    expect(revoked.body).toEqual({ sessionsEnded: 1 });
    const refused = server.client(credential);
    const outcome = await refused.connect();
    expect(outcome === 'connected' ? (await refused.request()).status : 403).toBe(403);
  });

  it.each([
    ['CERTIFICATE_INVALID', async () => ({ certificatePem: 'nothing' })],
    [
      'CERTIFICATE_INVALID',
      async () => ({ certificatePem: (await CertificateAuthority.make(Date.now())).certificatePem }),
    ],
    ['CERTIFICATE_INVALID', async () => Promise.resolve({ sha256: 'ab'.repeat(32), notAfterMs: 1 })],
    ['API_REQUEST_INVALID', async () => Promise.resolve({ sha256: 'short', notAfterMs: 1 })],
    ['API_REQUEST_INVALID', async () => Promise.resolve({})],
  ])('does not import what is no client certificate (%s)', async (code, make) => {
    await start();
    await newLink('alice');
    expect((await api('POST', '/certificates', { client: 'alice', ...(await make()) })).body).toMatchObject({
      code,
    });
  });

  it('lets a token in where the configuration says so, and ends its sessions with it', async () => {
    await start({ auth: { clientTokens: true } });
    await newLink('alice');
    const { token, text } = (await api('POST', '/client-tokens', { client: 'alice', expiresAtMs: null }))
      .body as {
      token: { id: string };
      text: string;
    };
    const { anchorsPem } = (await api('GET', '/pki')).body as { anchorsPem: string };
    server.trust(anchorsPem);
    const stranger = await server.connected(null);
    const withToken = (value: string) => [...TestClient.headers(), ['authorization', value] as const];
    expect((await stranger.request(withToken('Bearer mvc_guess'))).status).toBe(403);
    const open = await stranger.request(withToken(`Bearer ${text}`));
    expect(open.status).toBe(200);
    expect((await api('GET', '/clients/alice')).body).toMatchObject({ certificates: [] });
    expect((await api('DELETE', `/client-tokens/${token.id}`)).status).toBe(204);
    await stranger.ended(open.sessionId);
    expect((await stranger.request(withToken(`Bearer ${text}`))).status).toBe(403);
    expect(JSON.stringify(server.logs)).not.toContain(text);
  });

  it('takes no token otherwise', async () => {
    await start();
    await newLink('alice');
    const made = await api('POST', '/client-tokens', { client: 'alice', expiresAtMs: null });
    expect(made.body).toMatchObject({ accepted: false });
    const { anchorsPem } = (await api('GET', '/pki')).body as { anchorsPem: string };
    server.trust(anchorsPem);
    const stranger = await server.connected(null);
    const { text } = made.body as { text: string };
    const answer = await stranger.request([...TestClient.headers(), ['authorization', `Bearer ${text}`]]);
    expect(answer.status).toBe(401);
  });

  it('says on the first start where the master key is, and never again', async () => {
    await start();
    expect(server.printed.join('\n')).toContain(join(server.config.server.stateDir, 'master.key'));
    expect(server.printed.join('\n')).toMatch(/enrolment +TCP 127\.0\.0\.1:\d+/);
  });
});

describe('a server that is given a certificate of somebody else', () => {
  /** The same server again, with this certificate of its own. */
  async function again(tunnelCertificate: 'authority' | 'own'): Promise<void> {
    const { directory, clock, config } = server;
    await server.stop();
    const foreign = await CertificateAuthority.make(clock.now());
    const { fullChainPem, keyPem } = await presentedBy(foreign, ['127.0.0.1', 'localhost']);
    const ownCertificate = { certificate: join(directory, 'own.pem'), key: join(directory, 'own.key') };
    writeFileSync(ownCertificate.certificate, fullChainPem);
    writeFileSync(ownCertificate.key, keyPem);
    server = await TestServer.start({
      ...{ directory, clock },
      config: { ...config, server: { ...config.server, ownCertificate, tunnelCertificate } },
    });
    expect((await api('GET', '/pki')).body).toMatchObject({ serverCertificate: { source: 'own' } });
  }

  it('keeps everybody who enrolled before, who renews, and who has a link still', async () => {
    await start();
    const alice = await enrolled(await newLink('alice'));
    const link = await newLink('bob');
    await again('authority');
    expect(await connects(alice)).toBe(200);
    const renewed = holder(await renew(alice));
    expect(renewed.certified.serverTrust).toEqual(alice.certified.serverTrust);
    expect(await connects(renewed)).toBe(200);
    expect(await connects(await enrolled(link))).toBe(200);
    expect(await connects(await enrolled(await newLink('carol')))).toBe(200);
  });

  it('loses them where tunnels show it as well, keeps who enrols from then on, and both when that is taken back', async () => {
    await start();
    const alice = await enrolled(await newLink('alice'));
    await again('own');
    expect(await connects(alice)).not.toBe(200);
    const bob = await enrolled(await newLink('bob'));
    expect(await connects(bob)).toBe(200);
    await again('authority');
    expect(await connects(alice)).toBe(200);
    expect(await connects(bob)).toBe(200);
  });
});
