import {
  ENROLMENT_PATHS,
  fail,
  parseRedemption,
  parseRenewal,
  type Certified,
  type Result,
} from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { EnrolmentFailure } from '../enrolments/enrolmentFailure.js';
import type { Certification } from '../enrolments/certification.js';
import { StoreError } from '../store/storeError.js';
import { readJson } from './body.js';
import { Lockout, type LockoutPolicy } from './lockout.js';
import { networkOf } from './networkOf.js';
import type { FrontFailure } from './problem.js';

/** One request, whichever HTTP it came by. */
export interface FrontRequest {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: AsyncIterable<unknown>;
  readonly remoteAddress: string;
  /** SHA-256 of the client's certificate, lower-case hex, if it leads to whom we trust; null: it has none. */
  readonly leafSha256: string | null;
}

/** Whoever guesses secrets, or damages messages: ten at once, then one in 30 seconds. */
const wrongAttempts: LockoutPolicy = { attempts: 10, recoveryMs: 30_000 };

/** Certificates of one client: enough to try again, not enough to fill the database. */
const renewals: LockoutPolicy = { attempts: 10, recoveryMs: 10 * 60_000 };

/** Requests of everybody that are being decided at a time. */
const mostAtATime = 32;

export interface FrontHandlerOptions {
  readonly certification: Pick<Certification, 'redeem' | 'renew'>;
  readonly clock: { monotonic(): number };
  readonly logger: Logger;
}

/** Enrolment and renewal, and nothing else: this port is open to everybody. */
export class FrontHandler {
  readonly #options: FrontHandlerOptions;
  readonly #wrong: Lockout;
  readonly #renewals: Lockout;
  #busy = 0;

  constructor(options: FrontHandlerOptions) {
    this.#options = options;
    this.#wrong = new Lockout(wrongAttempts, options.clock);
    this.#renewals = new Lockout(renewals, options.clock);
  }

  /** Never throws. */
  async answer(request: FrontRequest): Promise<Result<Certified, FrontFailure>> {
    const work = this.#workOf(request.path);
    if (work === null) return fail({ code: 'FRONT_NOT_FOUND', message: 'There is nothing here.' });
    if (request.method !== 'POST') {
      return fail({ code: 'FRONT_METHOD_NOT_ALLOWED', message: 'This path takes POST only.' });
    }
    try {
      return await work(request);
    } catch (error) {
      return this.#failed(error);
    }
  }

  #workOf(path: string): ((request: FrontRequest) => Promise<Result<Certified, FrontFailure>>) | null {
    const [bare] = path.split('?', 1);
    if (bare === ENROLMENT_PATHS.redeem) return (request) => this.#redeem(request);
    if (bare === ENROLMENT_PATHS.renew) return (request) => this.#renew(request);
    return null;
  }

  async #redeem(request: FrontRequest): Promise<Result<Certified, FrontFailure>> {
    const key = networkOf(request.remoteAddress);
    const wait = this.#wrong.waitOf(key);
    if (wait > 0) return tooMany(wait);
    const json = await readJson(request.contentType, request.body);
    const redemption = json.ok ? parseRedemption(json.value) : json;
    const outcome = redemption.ok
      ? await this.#inTurn(() => this.#options.certification.redeem(redemption.value, request.remoteAddress))
      : redemption;
    if (!outcome.ok) {
      // Many at once get here before the first has failed.
      const waitNow = this.#wrong.waitOf(key);
      this.#wrong.count(key);
      const { code } = outcome.error;
      this.#options.logger.warn({ code, remoteAddress: request.remoteAddress }, 'enrolment refused');
      if (waitNow > 0) return tooMany(waitNow);
    }
    return outcome;
  }

  async #renew(request: FrontRequest): Promise<Result<Certified, FrontFailure>> {
    const { leafSha256: sha256, remoteAddress } = request;
    if (sha256 === null) {
      return fail({ code: 'CERTIFICATE_MISSING', message: 'Present the certificate that is to be renewed.' });
    }
    const json = await readJson(request.contentType, request.body);
    if (!json.ok) return json;
    const renewal = parseRenewal(json.value);
    if (!renewal.ok) return renewal;
    const wait = this.#renewals.waitOf(sha256);
    if (wait > 0) return tooMany(wait);
    this.#renewals.count(sha256);
    const outcome = await this.#inTurn(() =>
      this.#options.certification.renew({ ...renewal.value, sha256 }, remoteAddress),
    );
    if (!outcome.ok) {
      this.#options.logger.warn({ code: outcome.error.code, remoteAddress }, 'renewal refused');
    }
    return outcome;
  }

  /** Whoever sends slowly has no part in this. */
  async #inTurn(
    work: () => Promise<Result<Certified, EnrolmentFailure>>,
  ): Promise<Result<Certified, FrontFailure>> {
    if (this.#busy >= mostAtATime) return tooMany(1);
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
    }
  }

  #failed(error: unknown): Result<Certified, FrontFailure> {
    if (error instanceof StoreError) {
      const message = 'The database is not available; try again.';
      return fail({ code: 'STORE_UNAVAILABLE', message, retryAfterSeconds: 5 });
    }
    this.#options.logger.error({ err: error }, 'a request at the public port failed');
    return fail({ code: 'FRONT_FAILED', message: 'The log of the server says why.' });
  }
}

function tooMany(retryAfterSeconds: number): Result<Certified, FrontFailure> {
  return fail({
    code: 'ENROLMENT_RATE_LIMITED',
    message: `Too many requests; try again in ${retryAfterSeconds} seconds.`,
    retryAfterSeconds,
  });
}
