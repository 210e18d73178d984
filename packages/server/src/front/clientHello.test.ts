import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeFirstBytes } from './clientHello.js';

/** What Node.js says first. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const client = connect({ host: '127.0.0.1', port, ...options });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [import('node:net').Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

const challenge = { servername: 'VPN.example.org', ALPNProtocols: ['acme-tls/1'] };

describe('the first bytes of a connection', () => {
  it('are a challenge when acme-tls/1 is all that is offered (RFC 8737 §3)', async () => {
    expect(judgeFirstBytes(await helloOf(challenge))).toEqual({ kind: 'challenge', name: 'vpn.example.org' });
  });

  it.each<[string, ConnectionOptions]>([
    ['other protocols', { ...challenge, ALPNProtocols: ['h2', 'http/1.1'] }],
    ['other protocols as well', { ...challenge, ALPNProtocols: ['acme-tls/1', 'h2'] }],
    ['other protocols before it', { ...challenge, ALPNProtocols: ['h2', 'acme-tls/1'] }],
    ['no protocol', { servername: 'vpn.example.org' }],
    ['no name', { ALPNProtocols: ['acme-tls/1'] }],
  ])('are something else with %s', async (_, options) => {
    expect(judgeFirstBytes(await helloOf(options))).toEqual({ kind: 'other' });
  });

  it('are waited for until they are complete', async () => {
    const hello = await helloOf(challenge);
    for (let length = 0; length < hello.length; length++) {
      expect(judgeFirstBytes(hello.subarray(0, length)).kind).toBe('incomplete');
    }
  });

  it('are something else when they are no TLS, without waiting', () => {
    expect(judgeFirstBytes(Buffer.from('G'))).toEqual({ kind: 'other' });
    expect(judgeFirstBytes(Buffer.from([22, 3, 1, 255, 255]))).toEqual({ kind: 'other' });
  });

  it('are judged whatever they are', async () => {
    const hello = await helloOf(challenge);
    const damage = fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = Buffer.from(hello);
        for (const [at, value] of changes) damaged[at] = value;
        expect(['incomplete', 'other', 'challenge']).toContain(judgeFirstBytes(damaged).kind);
      }),
    );
  });
});
