import { createHash, createSecretKey, hkdfSync } from 'node:crypto';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import { idempotencyMs } from '../administration/pruning.js';
import { createSealer, type Sealer } from '../pki/sealer.js';
import type { IdempotencyRecord, ReservedKey } from '../store/idempotencyKeys.js';
import type { Store } from '../store/store.js';
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
  /** Runs what it asks for: whatever is committed of it is remembered in the same transaction. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** It was answered so; a repetition will be, too. */
  answered(answer: KeyedAnswer): Promise<void>;
  /** It was refused, and changed nothing: the key is free again. */
  refused(): Promise<void>;
  /** It ended with an exception: the key is free again unless something was committed. */
  broke(): Promise<void>;
}

export interface IdempotencyOptions {
  readonly store: Pick<Store, 'idempotencyKeys' | 'alongside'>;
  /** Which of the servers on this database this is; null: it is the only one. */
  readonly server: string | null;
  readonly clock: { now(): number };
}

/** A request of another server that is not answered after this time was cut off by a crash, milliseconds. */
const abandonedMs = 5 * 60_000;

/** Keys that are remembered. */
const mostKeys = 50_000;

/** How long the count of keys is believed, milliseconds. */
const countMs = 60_000;

const busy = { code: 'API_IDEMPOTENCY_KEY_BUSY', message: '', retryAfterSeconds: 1 } as const;

/**
 * Answers a repeated creation as the first was answered, for 24 hours. Answers may hold secrets, such as a token: they
 * are sealed with the key itself, of which only the hash is stored.
 *
 * A crash between reservation and answer does nothing twice: every transaction of the first marks its key. Nothing was
 * marked: nothing was done, and the key is free, at once where the first came to this server, which knows what is under
 * way. Marked and never answered: it was done, and says so instead of doing it again.
 */
export class Idempotency {
  readonly #options: IdempotencyOptions;
  /** Keys (hashes) whose first request this process is answering. */
  readonly #underWay = new Set<string>();
  #count = { keys: 0, at: Number.NEGATIVE_INFINITY };

  constructor(options: IdempotencyOptions) {
    this.#options = options;
  }

  /**
   * A reservation for the first, the answer for a repetition. Codes: API_REQUEST_INVALID (no good key),
   * API_IDEMPOTENCY_KEY_REUSED, API_IDEMPOTENCY_KEY_BUSY, API_IDEMPOTENCY_ANSWER_LOST, API_OVERLOADED. Throws
   * `StoreError`.
   */
  async begin(request: KeyedRequest): Promise<Result<Reservation | KeyedAnswer, ApiFailure>> {
    if (!/^[\x21-\x7e]{16,200}$/.test(request.key)) {
      return fail({ code: 'API_REQUEST_INVALID', message: 'Idempotency-Key: 16–200 visible characters' });
    }
    const key = hashOf([request.caller, request.method, request.url, request.key]);
    const requestSha256 = hashOf([JSON.stringify(request.body ?? null)]);
    const sealer = sealerOf(request.key, key);
    const now = Math.trunc(this.#options.clock.now());
    if (await this.#isFull(now)) {
      const message = 'too many idempotency keys are in use';
      return fail({ code: 'API_OVERLOADED', message, retryAfterSeconds: 60 });
    }
    const reserved = { key, createdAt: now };
    if (await this.#reserve(reserved, requestSha256)) return ok(this.#reservation(reserved, sealer));
    const { idempotencyKeys } = this.#options.store;
    const found = await idempotencyKeys.find(key);
    if (found === null || (await this.#free(key, found, now))) {
      const mine = await this.#reserve(reserved, requestSha256);
      return mine ? ok(this.#reservation(reserved, sealer)) : fail(busy);
    }
    if (found.requestSha256 !== requestSha256) {
      return fail({ code: 'API_IDEMPOTENCY_KEY_REUSED', message: 'the first request had another body' });
    }
    if (found.answer === null && found.done && this.#isOver(key, found, now)) {
      const message = 'it was done, and its answer was lost; look for what it made';
      return fail({ code: 'API_IDEMPOTENCY_ANSWER_LOST', message });
    }
    const body = found.answer === null ? null : sealer.open(found.answer.sealedBody);
    if (found.answer === null || body?.ok !== true) return fail(busy);
    return ok({ status: found.answer.status, body: body.value });
  }

  /** Frees a key that is too old, or of which nothing was done nor will be. */
  async #free(key: string, found: IdempotencyRecord, now: number): Promise<boolean> {
    const { idempotencyKeys } = this.#options.store;
    const { createdAt, done, answer } = found;
    if (createdAt + idempotencyMs <= now) {
      await idempotencyKeys.forget({ key, createdAt });
      return true;
    }
    if (done || answer !== null || !this.#isOver(key, found, now)) return false;
    return idempotencyKeys.release({ key, createdAt });
  }

  /** Whether nobody works on the first any more. */
  #isOver(key: string, { server, createdAt }: IdempotencyRecord, now: number): boolean {
    if (server === this.#options.server) return !this.#underWay.has(key);
    return createdAt + abandonedMs <= now;
  }

  async #reserve(reserved: ReservedKey, requestSha256: string): Promise<boolean> {
    const { store, server } = this.#options;
    if (this.#underWay.has(reserved.key)) return false;
    // Before it is written: whoever reads it then knows that somebody works on it.
    this.#underWay.add(reserved.key);
    let mine = false;
    try {
      mine = await store.idempotencyKeys.reserve(reserved, { requestSha256, server });
    } finally {
      if (!mine) this.#underWay.delete(reserved.key);
    }
    return mine;
  }

  #reservation(reserved: ReservedKey, sealer: Sealer): Reservation {
    const { store } = this.#options;
    let open = true;
    const mark: Parameters<Store['alongside']>[0] = async ({ idempotencyKeys }) => {
      // What goes on after the answer is no part of it.
      if (open && !(await idempotencyKeys.markDone(reserved))) {
        throw new Error('the idempotency key was taken over: this took too long');
      }
    };
    const end = async (work: () => Promise<unknown>): Promise<void> => {
      open = false;
      try {
        await work();
      } finally {
        this.#underWay.delete(reserved.key);
      }
    };
    return {
      run: (work) => store.alongside(mark, work),
      answered: ({ status, body }) =>
        end(() => store.idempotencyKeys.answer(reserved, status, sealer.seal(body))),
      refused: () => end(() => store.idempotencyKeys.forget(reserved)),
      broke: () => end(() => store.idempotencyKeys.release(reserved)),
    };
  }

  async #isFull(now: number): Promise<boolean> {
    if (this.#count.at + countMs <= now) {
      this.#count = { keys: await this.#options.store.idempotencyKeys.count(), at: now };
    }
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
