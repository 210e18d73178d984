import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { ManualClock } from '@masque-vpn/engine/fake';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../pki/authority.js';
import { Front } from './front.js';
import { presentedBy } from './testing/presented.js';

describe('a challenge of ACME at the public TCP port', () => {
  let authority: CertificateAuthority;
  let front: Front;
  let port: number;
  beforeEach(async () => {
    authority = await CertificateAuthority.make(Date.now());
    front = new Front({
      certificate: await presentedBy(authority, ['vpn.example.org']),
      handler: { answer: () => Promise.reject(new Error('not reached')) },
      trusts: () => false,
      clock: new ManualClock(),
      logger: pino({ level: 'silent' }),
    });
    const listening = await front.listen('127.0.0.1', 0);
    if (!listening.ok) throw new Error(listening.error.message);
    port = Number(listening.value.split(':').at(-1));
  });
  afterEach(() => front[Symbol.asyncDispose]());

  /** What the port shows, by protocol and names; null: it does not speak that. */
  async function shown(
    servername: string,
    protocols: string[],
  ): Promise<{ readonly protocol: string | false | null; readonly names: string | undefined } | null> {
    const socket: TLSSocket = connect({
      ...{ host: '127.0.0.1', port, servername, ALPNProtocols: protocols, rejectUnauthorized: false },
    });
    try {
      await once(socket, 'secureConnect');
      return { protocol: socket.alpnProtocol, names: socket.getPeerCertificate().subjectaltname };
    } catch {
      return null;
    } finally {
      socket.destroy();
    }
  }

  async function present(name: string): Promise<Disposable> {
    const { chainPem, keyPem } = await presentedBy(authority, ['challenge.invalid']);
    return front.challenges.present(name, { certificatePem: chainPem, keyPem });
  }

  const challenge = { protocol: 'acme-tls/1', names: 'DNS:challenge.invalid' };

  it('is answered for exactly its name, while it is open', async () => {
    expect(await shown('vpn.example.org', ['acme-tls/1'])).toBeNull();
    {
      using _ = await present('vpn.example.org');
      expect(await shown('vpn.example.org', ['acme-tls/1'])).toEqual(challenge);
      expect(await shown('VPN.Example.org', ['acme-tls/1'])).toEqual(challenge);
      expect(await shown('www.example.org', ['acme-tls/1'])).toBeNull();
    }
    expect(await shown('vpn.example.org', ['acme-tls/1'])).toBeNull();
  });

  it('leaves everybody else the usual certificate', async () => {
    using _ = await present('vpn.example.org');
    const usual = { protocol: 'h2', names: 'DNS:vpn.example.org' };
    expect(await shown('vpn.example.org', ['h2', 'http/1.1'])).toEqual(usual);
    expect(await shown('vpn.example.org', ['acme-tls/1', 'h2'])).toEqual(usual);
  });

  it('is answered for several names at a time', async () => {
    using _one = await present('vpn.example.org');
    using _two = await present('www.example.org');
    expect(await shown('www.example.org', ['acme-tls/1'])).toEqual(challenge);
    expect(await shown('vpn.example.org', ['acme-tls/1'])).toEqual(challenge);
  });
});
