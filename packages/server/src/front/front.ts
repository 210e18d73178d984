import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createSecureServer,
  Http2ServerResponse,
  type Http2SecureServer,
  type Http2ServerRequest,
} from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { PresentedCertificate } from '../pki/presentation.js';
import type { Clock } from '../process/clock.js';
import { Challenges } from './challenges.js';
import { Connections } from './connections.js';
import type { FrontHandler } from './handler.js';
import { frontProblem, type FrontProblem } from './problem.js';

export const frontErrorCodes = [
  'FRONT_ADDRESS_IN_USE',
  'FRONT_ADDRESS_UNAVAILABLE',
  'FRONT_PERMISSION_DENIED',
  'FRONT_LISTEN_FAILED',
] as const;
export type FrontErrorCode = (typeof frontErrorCodes)[number];

/** Why the port is not open. */
export interface FrontError {
  readonly code: FrontErrorCode;
  readonly message: string;
}

export interface FrontOptions {
  readonly certificate: PresentedCertificate;
  readonly handler: Pick<FrontHandler, 'answer'>;
  /** Whether a client's certificate leads to whom we trust. */
  readonly trusts: (certificate: X509Certificate) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Largest header section of HTTP/2, bytes; of HTTP/1.1, Node.js takes 16 kB. */
const mostHeaderBytes = 8_192;
/** Largest number of header fields. */
const mostHeaders = 64;
/** Time for TCP and TLS handshakes, milliseconds. */
const handshakeMs = 10_000;
/** Requests of one connection at a time; none needs more than one. */
const mostStreams = 8;

/**
 * The public TCP port: HTTP/2 and HTTP/1.1 over TLS 1.3, a client's certificate is asked for and not demanded. It
 * serves what `handler` does, and never administration.
 */
export class Front implements AsyncDisposable {
  /** Answers ACME on this port. */
  readonly challenges = new Challenges();
  /** Has the port; `#server` gets the connections that ask for no challenge. */
  readonly #tcp: Server;
  readonly #server: Http2SecureServer;
  readonly #options: FrontOptions;
  readonly #connections: Connections;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#connections = new Connections(options.clock);
    this.#server = createSecureServer({
      ...tlsOf(options.certificate),
      allowHTTP1: true,
      requestCert: true,
      // Whose certificate it is, the handler asks the database; what leads nowhere is refused there with a reason.
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMs,
      maxHeaderListPairs: mostHeaders,
      maxSessionMemory: 1,
      settings: { maxConcurrentStreams: mostStreams, maxHeaderListSize: mostHeaderBytes, enablePush: false },
    });
    this.#tcp = createServer({ noDelay: true }, (socket) => {
      this.#connections.admit(socket);
      if (socket.destroyed) return;
      this.challenges.route(socket, (other) => void this.#server.emit('connection', other));
    });
    this.#server.on('request', (request: AnyRequest, response: AnyResponse) => {
      this.#respond(request, response).catch((error: unknown) => {
        options.logger.error({ err: error }, 'a request at the public port was not answered');
        response.destroy();
      });
    });
    // Without a listener, node:http2 would end the streams of extended CONNECT by itself (RFC 8441).
    this.#server.on('connect', (_request: AnyRequest, response: AnyResponse | Socket) => {
      refuseTunnel(response);
    });
    this.#server.on('sessionError', (error) => options.logger.debug({ err: error }, 'HTTP/2 error'));
    this.#server.on('tlsClientError', (error) => options.logger.debug({ err: error }, 'TLS error'));
    this.#tcp.on('error', (error) => options.logger.error({ err: error }, 'the public TCP port failed'));
  }

  /**
   * Opens the port; returns the bound address, `[::]:443`. Codes: FRONT_ADDRESS_IN_USE, FRONT_ADDRESS_UNAVAILABLE,
   * FRONT_PERMISSION_DENIED, FRONT_LISTEN_FAILED. It may be tried again.
   */
  async listen(host: string, port: number): Promise<Result<string, FrontError>> {
    const error = await this.#bind(host, port);
    // Without IPv6 in the kernel, `[::]` means every IPv4 address, as it does for the engine.
    const failure = error === 'EAFNOSUPPORT' && host === '::' ? await this.#bind('0.0.0.0', port) : error;
    if (failure !== null) return fail(listenError(failure, host, port));
    return ok(textOf(this.#tcp.address()));
  }

  get isListening(): boolean {
    return this.#tcp.listening;
  }

  /** Handshakes from now on use it; established connections keep theirs. */
  setCertificate(certificate: PresentedCertificate): void {
    this.#server.setSecureContext(tlsOf(certificate));
  }

  /** Closes the port and every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#tcp.close(() => resolve()));
    this.#connections[Symbol.dispose]();
    if (this.#tcp.listening) await closed;
  }

  /** The code of what the system says; null: it is open. */
  #bind(host: string, port: number): Promise<string | null> {
    return new Promise((resolve) => {
      const failed = (error: Error): void => {
        this.#tcp.off('listening', listening);
        resolve('code' in error ? String(error.code) : 'UNKNOWN');
      };
      const listening = (): void => {
        this.#tcp.off('error', failed);
        resolve(null);
      };
      this.#tcp.once('error', failed);
      this.#tcp.once('listening', listening);
      this.#tcp.listen({ host, port });
    });
  }

  async #respond(request: AnyRequest, response: AnyResponse): Promise<void> {
    const { socket } = request;
    const outcome = await this.#options.handler.answer({
      method: request.method ?? '',
      path: request.url ?? '',
      contentType: request.headers['content-type'],
      // Else a body that is left unread would take the connection, and the answer, with it.
      body: request.iterator({ destroyOnReturn: false }),
      // On a socket of both families IPv4 comes mapped; people and rules know it plain.
      remoteAddress: (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, ''),
      leafSha256: this.#leafOf(socket),
    });
    send(
      response,
      outcome.ok
        ? {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(outcome.value),
          }
        : frontProblem(outcome.error),
    );
  }

  /** Fingerprint of the client's certificate. That it has the key, TLS has verified. */
  #leafOf(socket: Socket | TLSSocket): string | null {
    if (!('getPeerX509Certificate' in socket)) return null;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined || !this.#options.trusts(certificate)) return null;
    return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  }
}

type AnyRequest = IncomingMessage | Http2ServerRequest;
type AnyResponse = ServerResponse | Http2ServerResponse;

function tlsOf({ fullChainPem, keyPem }: PresentedCertificate) {
  return { cert: fullChainPem, key: keyPem, minVersion: 'TLSv1.3' } as const;
}

function send(response: AnyResponse, { status, headers, body }: FrontProblem): void {
  if (response.writableEnded || response.socket?.destroyed !== false) return;
  const fields = {
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    // HTTP/2 has no such field (RFC 9113 §8.2.2).
    ...(response instanceof Http2ServerResponse ? {} : { connection: 'close' }),
  };
  if (response instanceof Http2ServerResponse) response.writeHead(status, fields);
  else response.writeHead(status, fields);
  response.end(body);
}

/** Tunnels over TCP are not there yet. */
function refuseTunnel(response: AnyResponse | Socket): void {
  const message = 'Tunnels over TCP are not served here; use HTTP/3.';
  const problem = frontProblem({ code: 'FRONT_TUNNEL_NOT_SERVED', message });
  if ('writeHead' in response) {
    send(response, problem);
    return;
  }
  const head = `HTTP/1.1 ${problem.status} Not Implemented\r\nconnection: close\r\n`;
  response.end(`${head}content-length: ${Buffer.byteLength(problem.body)}\r\n\r\n${problem.body}`);
}

/** What a system error of `listen` means. */
function listenError(code: string, host: string, port: number): FrontError {
  const text = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return { code: 'FRONT_ADDRESS_IN_USE', message: `another program listens on TCP ${text}` };
    case 'EACCES':
      return { code: 'FRONT_PERMISSION_DENIED', message: `this user may not listen on TCP ${text}` };
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return { code: 'FRONT_ADDRESS_UNAVAILABLE', message: `this machine has no address ${host}` };
    default:
      return { code: 'FRONT_LISTEN_FAILED', message: `TCP ${text} cannot be opened: ${code}` };
  }
}

function textOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return address ?? '';
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}
