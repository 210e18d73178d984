import { createHash, createSecretKey, hkdfSync } from 'node:crypto';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import { idempotencyMs } from '../administration/pruning.js';
import { createSealer, type Sealer } from '../pki/sealer.js';
import type { IdempotencyKeyRepository } from '../store/idempotencyKeys.js';
import type { ApiFailure } from './problem.js';

/** A creation with a key that its caller made up. */
export interface KeyedRequest {
  readonly key: string;
  /** Who makes it: keys of others are other keys. */
  readonly caller: string;
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

/** An answer as it went out. */
export interface KeyedAnswer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

/** The first with its key: the caller of this goes on, then says how it ended. */
export interface Reservation {
  /** It was answered so; a repetition will be, too. */
  answered(answer: KeyedAnswer): Promise<void>;
  /** It changed nothing: the key is free again. */
  failed(): Promise<void>;
}

/** A request that is not answered after this time was cut off by a crash, milliseconds. */
const abandonedMs = 5 * 60_000;

/** Keys that are remembered. */
const mostKeys = 50_000;

/** How long the count of keys is believed, milliseconds. */
const countMs = 60_000;

/**
 * Answers a repeated creation as the first was answered, for 24 hours. Answers may hold secrets, such as a token: they
 * are sealed with the key itself, of which only the hash is stored.
 */
export class Idempotency {
  readonly #keys: IdempotencyKeyRepository;
  readonly #clock: { now(): number };
  #count = { keys: 0, at: Number.NEGATIVE_INFINITY };

  constructor(keys: IdempotencyKeyRepository, clock: { now(): number }) {
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * A reservation for the first, the answer for a repetition. Codes: API_REQUEST_INVALID (no good key),
   * API_IDEMPOTENCY_KEY_REUSED, API_IDEMPOTENCY_KEY_BUSY, API_OVERLOADED. Throws `StoreError`.
   */
  async begin(request: KeyedRequest): Promise<Result<Reservation | KeyedAnswer, ApiFailure>> {
    if (!/^[\x21-\x7e]{16,200}$/.test(request.key)) {
      return fail({ code: 'API_REQUEST_INVALID', message: 'Idempotency-Key: 16–200 visible characters' });
    }
    const name = hashOf([request.caller, request.method, request.url, request.key]);
    const requestSha256 = hashOf([JSON.stringify(request.body ?? null)]);
    const sealer = sealerOf(request.key, name);
    const now = this.#clock.now();
    if (await this.#isFull(now)) {
      const message = 'too many idempotency keys are in use';
      return fail({ code: 'API_OVERLOADED', message, retryAfterSeconds: 60 });
    }
    if (await this.#keys.reserve(name, requestSha256, now)) return ok(this.#reservation(name, sealer));
    const found = await this.#keys.find(name);
    const { answer = null, createdAt = 0 } = found ?? {};
    if (createdAt + (answer === null ? abandonedMs : idempotencyMs) <= now) {
      await this.#keys.release(name);
      if (await this.#keys.reserve(name, requestSha256, now)) return ok(this.#reservation(name, sealer));
    }
    if (found?.requestSha256 !== requestSha256) {
      return fail({ code: 'API_IDEMPOTENCY_KEY_REUSED', message: 'the first request had another body' });
    }
    const body = answer === null ? null : sealer.open(answer.sealedBody);
    if (answer === null || body?.ok !== true) {
      return fail({ code: 'API_IDEMPOTENCY_KEY_BUSY', message: '', retryAfterSeconds: 1 });
    }
    return ok({ status: answer.status, body: body.value });
  }

  #reservation(name: string, sealer: Sealer): Reservation {
    return {
      answered: ({ status, body }) => this.#keys.answer(name, status, sealer.seal(body)),
      failed: () => this.#keys.release(name),
    };
  }

  async #isFull(now: number): Promise<boolean> {
    if (this.#count.at + countMs <= now) this.#count = { keys: await this.#keys.count(), at: now };
    this.#count.keys += 1;
    return this.#count.keys > mostKeys;
  }
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function sealerOf(key: string, name: string): Sealer {
  return createSealer(createSecretKey(Buffer.from(hkdfSync('sha256', key, name, 'idempotency', 32))));
}
