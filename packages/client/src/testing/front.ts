import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Certificate } from '@masque-vpn/engine';
import { ENROLMENT_PATHS, parseRedemption, parseRenewal } from '@masque-vpn/protocol';
import { TestAuthority } from './authority.js';

/** What the front answers instead of a certificate. */
export interface FrontRefusal {
  readonly status: number;
  readonly body: object | string;
  readonly retryAfterSeconds?: number;
}

/** What a front does; a test changes it while it runs. */
export interface FrontBehaviour {
  /** Answers this instead; null certifies. */
  refusal: FrontRefusal | null;
  /** So many next requests get no answer: the connection breaks off. */
  silent: number;
  /** Changes of the answer. */
  answer: object;
  /** Life of the certificates, UTC milliseconds. */
  notBeforeMs: number;
  notAfterMs: number;
}

/** A server's public TCP port on loopback: redeems every secret, renews every certificate of its authority. */
export class TestFront implements AsyncDisposable {
  readonly behaviour: FrontBehaviour = {
    refusal: null,
    silent: 0,
    answer: {},
    notBeforeMs: Date.now() - 3_600_000,
    notAfterMs: Date.now() + 30 * 86_400_000,
  };
  /** Bodies of the redemptions and renewals, in order. */
  readonly redemptions: unknown[] = [];
  readonly renewals: unknown[] = [];
  readonly #authority: TestAuthority;
  readonly #server: Server;

  private constructor(authority: TestAuthority, server: Server) {
    this.#authority = authority;
    this.#server = server;
  }

  /** Presents `certificate` with its authority's. */
  static async open(authority: TestAuthority, certificate: Certificate): Promise<TestFront> {
    const server = createServer({
      cert: `${certificate.chainPem}\n${authority.pem}`,
      key: certificate.keyPem,
      ca: authority.pem,
      requestCert: true,
      rejectUnauthorized: false,
    });
    const front = new TestFront(authority, server);
    server.on('request', (request, response) => void front.#handle(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return front;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body: unknown = JSON.parse(text);
    const redeems = request.url === ENROLMENT_PATHS.redeem;
    (redeems ? this.redemptions : this.renewals).push(body);
    const { refusal, silent, answer, notBeforeMs, notAfterMs } = this.behaviour;
    if (silent > 0) {
      this.behaviour.silent -= 1;
      request.socket.destroy();
      return;
    }
    const identified = request.socket instanceof TLSSocket && request.socket.authorized;
    if (!redeems && !identified) {
      reply(response, { status: 401, body: { code: 'CERTIFICATE_MISSING', title: 'No certificate' } });
      return;
    }
    if (refusal !== null) {
      reply(response, refusal);
      return;
    }
    const parsed = redeems ? parseRedemption(body) : parseRenewal(body);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const certificatePem = await this.#authority.certify(parsed.value.csrPem, 'alice', {
      notBeforeMs,
      notAfterMs,
    });
    reply(response, {
      status: 200,
      body: {
        clientId: 'alice',
        certificatePem,
        serverTrust: { anchorsPem: this.#authority.pem, system: false },
        url: 'https://vpn.example.org:443/.well-known/masque/ip/{target}/{ipproto}/',
        addressHints: ['192.0.2.1'],
        notAfterMs,
        renewAfterMs: Math.floor(notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3),
        serverTimeMs: Date.now(),
        ...answer,
      },
    });
  }
}

function reply(response: ServerResponse, { status, body, retryAfterSeconds }: FrontRefusal): void {
  const json = typeof body !== 'string';
  response.writeHead(status, {
    'content-type': json ? 'application/json' : 'text/html',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
  response.end(json ? JSON.stringify(body) : body);
}
