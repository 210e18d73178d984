import type { Socket } from 'node:net';
import { createServer, TLSSocket, type SecureContext, createSecureContext, type Server } from 'node:tls';
import type { CertifiedKey, ChallengeStage } from '../pki/acme/certificateOrder.js';
import { challengeProtocol, judgeFirstBytes } from './clientHello.js';

/** Time for a handshake, milliseconds. */
const handshakeMs = 10_000;

/**
 * Answers the challenge TLS-ALPN-01 of ACME (RFC 8737): who offers `acme-tls/1` and nothing else, for a name whose
 * challenge is open, is shown its certificate. Everybody else is served as always.
 */
export class Challenges implements ChallengeStage {
  readonly #certificates = new Map<string, SecureContext>();
  readonly #tls: Server;

  constructor() {
    this.#tls = createServer({
      ALPNProtocols: [challengeProtocol],
      minVersion: 'TLSv1.2',
      handshakeTimeout: handshakeMs,
      SNICallback: (name, answer) => answer(null, this.#certificates.get(name.toLowerCase())),
    });
    // The handshake was the answer.
    this.#tls.on('secureConnection', (socket: TLSSocket) => socket.end());
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  present(name: string, { keyPem, certificatePem }: CertifiedKey): Disposable {
    const key = name.toLowerCase();
    const context = createSecureContext({ key: keyPem, cert: certificatePem, minVersion: 'TLSv1.2' });
    this.#certificates.set(key, context);
    return {
      [Symbol.dispose]: () => {
        if (this.#certificates.get(key) === context) this.#certificates.delete(key);
      },
    };
  }

  /** Answers a new connection, or hands it to `serve`, with all that it said. */
  route(socket: Socket, serve: (socket: Socket) => void): void {
    if (this.#certificates.size === 0) {
      serve(socket);
      return;
    }
    let said = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      said = Buffer.concat([said, chunk]);
      const first = judgeFirstBytes(said);
      if (first.kind === 'incomplete') return;
      socket.off('data', read);
      socket.pause();
      socket.unshift(said);
      if (first.kind === 'challenge' && this.#certificates.has(first.name))
        this.#tls.emit('connection', socket);
      else serve(socket);
      process.nextTick(() => socket.resume());
    };
    socket.on('data', read);
  }
}
