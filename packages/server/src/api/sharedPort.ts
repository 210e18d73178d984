import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer, type Server as TlsServer, type TLSSocket } from 'node:tls';

/** What the server shows of itself in TLS, PEM. */
export interface TlsCertificate {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** First byte of a TLS record with a handshake in it (RFC 8446 §5.1); no method of HTTP begins with it. */
const handshakeRecord = 0x16;

/** Time for the first byte, and for a TLS handshake, milliseconds. */
const patienceMs = 10_000;

/** Connections of one address, so that one that opens many and says nothing leaves room for others. */
const mostPerAddress = 64;

/**
 * Lets an HTTP server take TLS on the same port: the first byte of a connection tells which it is. No client
 * certificate is asked for. Certificates change while it runs: connections that are open go on.
 */
export class SharedPort implements Disposable {
  readonly #tls: TlsServer;
  /** What the HTTP server does with a connection. */
  readonly #serve: (socket: Socket) => void;
  /** Connections that the HTTP server does not know yet. */
  readonly #early = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();

  constructor(server: Server, certificate: TlsCertificate) {
    const listeners = server.listeners('connection');
    this.#serve = (socket) => {
      for (const listener of listeners) Reflect.apply(listener, server, [socket]);
    };
    this.#tls = createServer({
      key: certificate.keyPem,
      cert: certificate.chainPem,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: patienceMs,
    });
    this.#tls.on('secureConnection', (socket: TLSSocket) => this.#serve(socket));
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy());
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => this.#accept(socket));
  }

  /** Shows another certificate from now on. */
  setCertificate({ chainPem, keyPem }: TlsCertificate): void {
    this.#tls.setSecureContext({ key: keyPem, cert: chainPem, minVersion: 'TLSv1.2' });
  }

  /** Cuts off who has said nothing yet, or is in the middle of a handshake; the HTTP server ends the others. */
  [Symbol.dispose](): void {
    for (const socket of this.#early) socket.destroy();
  }

  #accept(socket: Socket): void {
    if (!this.#count(socket)) {
      socket.destroy();
      return;
    }
    this.#early.add(socket);
    socket.once('close', () => this.#early.delete(socket));
    const giveUp = (): void => {
      socket.destroy();
    };
    socket.once('error', giveUp);
    socket.setTimeout(patienceMs, giveUp);
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.setTimeout(0);
      socket.off('timeout', giveUp);
      socket.off('error', giveUp);
      socket.unshift(first);
      if (first[0] === handshakeRecord) this.#tls.emit('connection', socket);
      else {
        this.#early.delete(socket);
        this.#serve(socket);
      }
      process.nextTick(() => socket.resume());
    });
  }

  /** False when the address has too many connections already. This machine may have as many as there are. */
  #count(socket: Socket): boolean {
    const address = socket.remoteAddress ?? '';
    const open = this.#perAddress.get(address) ?? 0;
    const local = address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
    if (open >= mostPerAddress && !local) return false;
    this.#perAddress.set(address, open + 1);
    socket.once('close', () => {
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    });
    return true;
  }
}
