import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { Readable } from 'node:stream';
import { json, text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ManualClock } from '@masque-vpn/engine/fake';
import { ok, type Certified } from '@masque-vpn/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../pki/authority.js';
import { makeKeyAndRequest } from '../testing/credential.js';
import { Front, type FrontOptions } from './front.js';
import type { FrontRequest } from './handler.js';
import { presentedBy } from './testing/presented.js';

const certified: Certified = {
  clientId: 'alice',
  certificatePem: 'C',
  serverTrust: { anchorsPem: 'A', system: false },
  url: 'https://vpn.example.org/',
  addressHints: [],
  notAfterMs: 3,
  renewAfterMs: 2,
  serverTimeMs: 1,
};

describe('the public TCP port', () => {
  const logger = pino({ level: 'silent' });
  let clock: ManualClock;
  let authority: CertificateAuthority;
  let requests: FrontRequest[];
  let front: Front;
  let port: number;

  beforeEach(async () => {
    clock = new ManualClock();
    authority = await CertificateAuthority.make(Date.now());
    requests = [];
    await open({});
  });
  afterEach(async () => {
    await front[Symbol.asyncDispose]();
  });

  async function open(change: Partial<FrontOptions>): Promise<void> {
    front = new Front({
      certificate: await presentedBy(authority, ['127.0.0.1']),
      handler: {
        answer: async (request) => {
          requests.push(request);
          await text(Readable.from(request.body));
          return ok(certified);
        },
      },
      trusts: (certificate) => authority.issued(certificate),
      clock,
      logger,
      ...change,
    });
    const listening = await front.listen('127.0.0.1', 0);
    if (!listening.ok) throw new Error(listening.error.message);
    port = Number(listening.value.split(':').at(-1));
  }

  function post(
    path: string,
    body: string | Buffer,
    tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } = {},
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    return new Promise((resolve, reject) => {
      const call = httpsRequest(
        {
          ...{ host: '127.0.0.1', port, path, method: 'POST', agent: false, ca: authority.certificatePem },
          headers: { 'content-type': 'application/json' },
          ...tls,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
          );
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  }

  async function clientOf(
    issuer: CertificateAuthority,
  ): Promise<{ cert: string; key: string; sha256: string }> {
    const { csrPem, keyPem } = await makeKeyAndRequest('alice');
    const issued = await issuer.issueClientCertificate({ csrPem, clientId: 'alice', now: Date.now() });
    if (!issued.ok) throw new Error(issued.error.message);
    return { cert: issued.value.pem, key: keyPem, sha256: issued.value.sha256 };
  }

  async function tlsConnection(options: { readonly maxVersion?: 'TLSv1.2' } = {}): Promise<TLSSocket> {
    const socket = connectTls({ host: '127.0.0.1', port, ca: authority.certificatePem, ...options });
    await once(socket, 'secureConnect');
    return socket;
  }

  it('answers over HTTP/1.1', async () => {
    expect(await post('/enrolment/v1/redeem', '{}')).toEqual({ status: 200, body: certified });
    expect(requests).toMatchObject([
      { method: 'POST', path: '/enrolment/v1/redeem', remoteAddress: '127.0.0.1', leafSha256: null },
    ]);
  });

  it('answers over HTTP/2, and knows the certificate there as well', async () => {
    const client = await clientOf(authority);
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.certificatePem, ...client });
    const stream = session.request({ ':method': 'POST', ':path': '/a', 'content-type': 'application/json' });
    stream.end('{}');
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(200);
    expect(await json(stream)).toEqual(certified);
    session.close();
    expect(requests).toMatchObject([{ path: '/a', leafSha256: client.sha256 }]);
  });

  it('shows the authority in its chain, so that its fingerprint can be compared', async () => {
    const socket = await tlsConnection();
    const chain = socket.getPeerCertificate(true);
    expect(chain.issuerCertificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(authority.sha256);
    socket.destroy();
  });

  it('knows the certificate of a client whose authority it trusts', async () => {
    const client = await clientOf(authority);
    await post('/', '{}', client);
    expect(requests).toMatchObject([{ leafSha256: client.sha256 }]);
  });

  it('takes a client of a foreign authority for one without a certificate', async () => {
    const client = await clientOf(await CertificateAuthority.make(Date.now()));
    expect((await post('/', '{}', client)).status).toBe(200);
    expect(requests).toMatchObject([{ leafSha256: null }]);
  });

  it('lets nobody use a certificate without its key', async () => {
    const [alice, mallory] = [await clientOf(authority), await clientOf(authority)];
    await expect(post('/', '{}', { cert: alice.cert, key: mallory.key })).rejects.toThrow(
      /key values mismatch/,
    );
  });

  it('speaks TLS 1.3 only', async () => {
    await expect(tlsConnection({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/);
  });

  it('uses a new certificate for new connections, while those that are open go on', async () => {
    const before = await tlsConnection();
    const next = await CertificateAuthority.make(Date.now());
    front.setCertificate(await presentedBy(next, ['127.0.0.1']));
    await expect(post('/', '{}')).rejects.toThrow(/certificate/);
    expect((await post('/', '{}', { ca: next.certificatePem })).status).toBe(200);
    before.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n');
    const [answer] = (await once(before, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200/);
    before.destroy();
  });

  it('answers before the rest of a long body came', async () => {
    await front[Symbol.asyncDispose]();
    await open({
      handler: {
        answer: () =>
          Promise.resolve({ ok: false, error: { code: 'FRONT_BODY_TOO_LARGE', message: 'too large' } }),
      },
    });
    expect(await post('/', Buffer.alloc(1_000_000))).toMatchObject({
      status: 413,
      body: { code: 'FRONT_BODY_TOO_LARGE', status: 413 },
    });
  });

  it('refuses tunnels for now, over HTTP/1.1 and HTTP/2', async () => {
    const socket = await tlsConnection();
    socket.write('CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 501 [^]*FRONT_TUNNEL_NOT_SERVED/);
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.certificatePem });
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'a:1' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(501);
    session.destroy();
    expect(requests).toEqual([]);
  });

  it('refuses endless header sections', async () => {
    const socket = await tlsConnection();
    socket.write(`POST / HTTP/1.1\r\na: ${'a'.repeat(20_000)}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 431/);
    expect(requests).toEqual([]);
  });

  it('closes a connection that lives too long, whatever it does', async () => {
    const socket = await tlsConnection();
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n');
    socket.on('error', () => undefined);
    await expect.poll(() => requests.length).toBe(1);
    clock.advance(59_999);
    expect(socket.closed).toBe(false);
    clock.advance(1);
    await expect.poll(() => socket.closed).toBe(true);
  });

  it('has only so many connections of one sender', async () => {
    const sockets = Array.from({ length: 17 }, () => connectTcp(port, '127.0.0.1'));
    const last = sockets.at(-1);
    if (last === undefined) throw new Error('no socket');
    for (const socket of sockets) socket.on('error', () => undefined);
    await once(last, 'close');
    expect(sockets.filter((socket) => socket.closed)).toHaveLength(1);
    for (const socket of sockets.slice(0, 3)) socket.destroy();
    await expect.poll(async () => (await post('/', '{}').catch(() => null))?.status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it('says why it cannot be opened (FRONT_ADDRESS_IN_USE), and can be tried again', async () => {
    const second = new Front({
      certificate: await presentedBy(authority, []),
      handler: { answer: () => Promise.resolve(ok(certified)) },
      trusts: () => false,
      clock,
      logger,
    });
    expect(await second.listen('127.0.0.1', port)).toMatchObject({ error: { code: 'FRONT_ADDRESS_IN_USE' } });
    expect(await second.listen('192.0.2.1', port)).toMatchObject({
      error: { code: 'FRONT_ADDRESS_UNAVAILABLE' },
    });
    await front[Symbol.asyncDispose]();
    expect((await second.listen('127.0.0.1', port)).ok).toBe(true);
    await second[Symbol.asyncDispose]();
  });
});
