import { request } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type Certified, parseCertified, parseEnrolmentProblem } from '@masque-vpn/protocol';
import type { Retry } from '../failure.js';
import { exchangeFailed, type ExchangeOutcome, tlsFailure } from './portFailure.js';
import { type Anchors, portName, type PublicPort } from './publicPort.js';
import { tlsConnection } from './tlsConnection.js';

/** One request for a certificate. */
export interface CertificateRequest {
  readonly path: string;
  /** Sent as JSON, once the server has proven itself. */
  readonly body: object;
  readonly anchors: Anchors;
  /** For mutual TLS: chain and key, PEM. */
  readonly identity: { readonly certificate: string; readonly privateKey: string } | null;
}

/** Time for the answer, milliseconds. */
const answerMs = 20_000;
/** Longest answer that is read, bytes. */
const longestAnswer = 1024 * 1024;
/** Longest wait that a server may ask for, milliseconds. */
const longestRetryAfterMs = 3_600_000;

/**
 * Asks the server for a certificate at its public port. Nothing is sent before its chain is verified against the
 * anchors and its name. Fails with the code of the server's problem, or as {@link tlsFailure} says.
 */
export async function exchange(
  port: PublicPort,
  asked: CertificateRequest,
  now: number,
  signal: AbortSignal,
): Promise<ExchangeOutcome<Certified>> {
  try {
    const { identity } = asked;
    const socket = await tlsConnection(
      port,
      {
        ca: [...asked.anchors],
        allowPartialTrustChain: true,
        ...(identity === null ? {} : { cert: identity.certificate, key: identity.privateKey }),
      },
      signal,
    );
    return judge(await post(socket, port, asked, signal), port);
  } catch (error) {
    return tlsFailure(error, port, now);
  }
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

function judge({ status, retryAfter, body }: Answer, port: PublicPort): ExchangeOutcome<Certified> {
  const json = jsonOf(body);
  if (status !== 200) return refusal(status, retryAfter, json, port);
  const certified = parseCertified(json);
  if (certified.ok) return certified;
  return exchangeFailed('SERVER_RESPONSE_INVALID', `${portName(port)}: ${certified.error.message}`, 'slowly');
}

function refusal(
  status: number,
  retryAfter: string | undefined,
  json: unknown,
  port: PublicPort,
): ExchangeOutcome<Certified> {
  const { code, message } = parseEnrolmentProblem(status, json);
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
  const retry: Retry = status === 429 || status >= 500 ? 'soon' : 'slowly';
  return {
    ok: false,
    error: {
      code,
      message: `${portName(port)} refused: ${message}`,
      retry,
      status,
      ...(seconds === 0 ? {} : { retryAfterMs: Math.min(seconds * 1000, longestRetryAfterMs) }),
    },
  };
}

async function post(
  socket: TLSSocket,
  port: PublicPort,
  { path, body }: CertificateRequest,
  signal: AbortSignal,
): Promise<Answer> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        createConnection: () => socket,
        method: 'POST',
        path,
        headers: {
          host: portName(port),
          accept: 'application/json, application/problem+json',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          connection: 'close',
        },
        timeout: answerMs,
        signal,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > longestAnswer) response.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            body: Buffer.concat(chunks).toString('utf8'),
          });
          socket.destroy();
        });
        response.on('error', reject);
      },
    );
    call.on('timeout', () => call.destroy(new Error(`no answer within ${answerMs / 1000} seconds`)));
    call.on('error', reject);
    call.end(text);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
