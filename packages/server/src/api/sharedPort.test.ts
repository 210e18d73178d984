import { X509Certificate } from 'node:crypto';
import { createServer, request as plainRequest, type Server } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryCertificate } from './testing/temporaryCertificate.js';
import { SharedPort, type TlsCertificate } from './sharedPort.js';

let server: Server;
let port: SharedPort;
let first: TlsCertificate;
let second: TlsCertificate;

beforeEach(async () => {
  [first, second] = await Promise.all([temporaryCertificate('first'), temporaryCertificate('second')]);
  server = createServer((request, response) => {
    response.end(`${request.method ?? ''} ${'encrypted' in request.socket ? 'tls' : 'plain'}`);
  });
  port = new SharedPort(server, first);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  port[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const target = (): { readonly host: string; readonly port: number } => ({
  host: '127.0.0.1',
  port: (server.address() as AddressInfo).port,
});

interface Call {
  readonly tls: boolean;
  readonly agent?: Agent;
}

/** The body of an answer. */
function call({ tls, agent }: Call): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { ...target(), rejectUnauthorized: false, ...(agent === undefined ? {} : { agent }) };
    const request = tls ? tlsRequest(options) : plainRequest(target());
    request.on('error', reject);
    request.on('response', (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(body));
    });
    request.end();
  });
}

async function shownCertificate(): Promise<string> {
  const socket = tlsConnect({ ...target(), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return new X509Certificate(raw).subject;
}

async function opened(): Promise<Socket> {
  const socket = connect(target());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket.resume();
}

describe('one port', () => {
  test('speaks HTTP with and without TLS', async () => {
    expect(await call({ tls: false })).toBe('GET plain');
    expect(await call({ tls: true })).toBe('GET tls');
    expect(await call({ tls: false })).toBe('GET plain');
  });

  test('serves many requests on one TLS connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers = [];
    for (let index = 0; index < 5; index += 1) answers.push(await call({ tls: true, agent }));
    agent.destroy();
    expect(answers).toEqual(answers.map(() => 'GET tls'));
  });

  test('shows a new certificate at once, while connections that are open go on', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await shownCertificate()).toContain('first');
    await call({ tls: true, agent });
    port.setCertificate(second);
    expect(await call({ tls: true, agent })).toBe('GET tls');
    expect(await shownCertificate()).toContain('second');
    agent.destroy();
  });

  test('takes a request whose first byte comes alone', async () => {
    const socket = await opened();
    socket.write('G');
    await new Promise((resolve) =>
      socket.write('ET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', resolve),
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('200 OK');
  });

  test('refuses TLS 1.1', async () => {
    const socket = tlsConnect({
      ...target(),
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1.1',
    });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error).toBeInstanceOf(Error);
  });

  test('hangs up on a handshake that is none, and serves the next', async () => {
    const socket = await opened();
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 0xff, 0x00, 0x00, 0x01, 0xff]));
    await once(socket, 'close');
    expect(await call({ tls: true })).toBe('GET tls');
  });

  test('cuts off who has said nothing when it closes', async () => {
    const silent = await opened();
    const shaking = await opened();
    shaking.write(Buffer.from([0x16]));
    expect(await call({ tls: false })).toBe('GET plain');
    port[Symbol.dispose]();
    await Promise.all([once(silent, 'close'), once(shaking, 'close')]);
  });
});
