import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { request as plainRequest, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Clock } from '../process/clock.js';
import type { Targets } from './target.js';

/** What became of one attempt. */
export type PostOutcome =
  | { readonly delivered: true; readonly status: number }
  /** `status` null: there was no answer. */
  | { readonly delivered: false; readonly status: number | null; readonly error: string };

/** Resolves a name to all its addresses; tests replace it. */
export type ResolveAll = (
  hostname: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export interface PosterOptions {
  readonly targets: Targets;
  readonly clock: Pick<Clock, 'after'>;
  readonly userAgent: string;
  readonly timeoutMs?: number;
  readonly resolve?: ResolveAll;
  /** PEM of authorities beside those Node.js knows; for tests. */
  readonly anchorsPem?: string;
}

const usualTimeoutMs = 10_000;

/** Bytes of an answer that are read; more is nobody's business. */
const mostAnswerBytes = 65_536;

/** Sends one request, follows nothing, and connects to no address that is not allowed. */
export class Poster {
  readonly #options: PosterOptions;

  constructor(options: PosterOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  post(
    url: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<PostOutcome> {
    const { targets, clock, userAgent, timeoutMs = usualTimeoutMs, anchorsPem } = this.#options;
    const judged = targets.judge(url);
    if (!judged.ok) return Promise.resolve(failed(judged.error.message));
    return new Promise((resolve) => {
      const settle = (outcome: PostOutcome): void => {
        timer.cancel();
        signal.removeEventListener('abort', stop);
        resolve(outcome);
        call.destroy();
      };
      const options: RequestOptions = {
        method: 'POST',
        agent: false,
        headers: {
          ...headers,
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'user-agent': userAgent,
          connection: 'close',
        },
        lookup: (hostname, _options, callback) => this.#lookUp(hostname, callback),
      };
      const secure = judged.value.protocol === 'https:';
      const call = secure
        ? secureRequest(judged.value, { ...options, ...(anchorsPem === undefined ? {} : { ca: anchorsPem }) })
        : plainRequest(judged.value, options);
      const stop = (): void => settle(failed('the server is stopping'));
      const timer = clock.after(timeoutMs, () => settle(failed(`no answer within ${timeoutMs / 1_000} s`)));
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      call.on('error', (error) => settle(failed(error.message)));
      call.on('response', (response) => {
        const status = response.statusCode ?? 0;
        const done = (): void =>
          settle(
            status >= 200 && status < 300
              ? { delivered: true, status }
              : { delivered: false, status, error: answerText(status) },
          );
        let read = 0;
        response.on('data', (chunk: Buffer) => {
          read += chunk.length;
          if (read > mostAnswerBytes) done();
        });
        response.on('end', done);
        response.on('error', done);
      });
      call.end(body);
    });
  }

  #lookUp(hostname: string, callback: (error: Error | null, addresses: LookupAddress[]) => void): void {
    const { targets, resolve = resolveBySystem } = this.#options;
    resolve(hostname, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = addresses.filter(({ address }) => targets.allows(address));
      const refusal = new Error(`${hostname} leads to this machine or a private network only`);
      callback(allowed.length === 0 ? refusal : null, allowed);
    });
  }
}

function failed(error: string): PostOutcome {
  return { delivered: false, status: null, error };
}

function answerText(status: number): string {
  return status >= 300 && status < 400
    ? `answered with ${status}: redirections are not followed`
    : `answered with ${status}`;
}

const resolveBySystem: ResolveAll = (hostname, done) => {
  systemLookup(hostname, { all: true, verbatim: false }, (error, addresses) => done(error, addresses));
};
