import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { tlsTarget, type PublicPort } from './publicPort.js';

/** Time for TCP and TLS together, milliseconds. */
const handshakeMs = 15_000;

/** A TLS connection whose handshake is done; rejects with the system's or OpenSSL's error, or when `signal` aborts. */
export async function tlsConnection(
  port: PublicPort,
  options: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'> & {
    /** Anchors that are not self-signed count as well. */
    readonly allowPartialTrustChain?: boolean;
  },
  signal: AbortSignal,
): Promise<TLSSocket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = connect({ ...tlsTarget(port), ...options });
    const patience = setTimeout(
      () => socket.destroy(new Error(`nothing within ${handshakeMs / 1000} seconds`)),
      handshakeMs,
    );
    const stop = (): void => void socket.destroy(new Error('it was stopped'));
    const settle = (): void => {
      clearTimeout(patience);
      signal.removeEventListener('abort', stop);
      socket.off('error', fail);
    };
    const fail = (error: Error): void => {
      settle();
      // A second error of a socket that is given up is nobody's.
      socket.on('error', () => undefined);
      reject(error);
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      settle();
      resolve(socket);
    });
  });
}
