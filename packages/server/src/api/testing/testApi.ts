import { createSecretKey } from 'node:crypto';
import { ManualClock } from '@masque-vpn/engine/fake';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import {
  composeAdministration,
  type Administration,
  type AdministrationOptions,
} from '../../administration/administration.js';
import type { Role } from '../../administration/permissions.js';
import { localActor } from '../../audit/actor.js';
import { createSealer } from '../../pki/sealer.js';
import type { Store } from '../../store/store.js';
import { temporaryStore } from '../../store/testing/temporaryStore.js';
import { emptySite } from '../../web/site.js';
import { AddressBudget } from '../addressBudget.js';
import { buildApp } from '../app.js';
import { Authentication } from '../authentication.js';
import { Idempotency } from '../idempotency.js';
import type { ApiServices } from '../services.js';

/** Idle and absolute life of a session. */
export const limits = { idleMs: 3_600_000, absoluteMs: 12 * 3_600_000 };

/** Nobody guesses in tests. */
const passwordCost = { memoryCost: 256, timeCost: 1, parallelism: 1 };

export const goodPassword = 'correct horse battery';

/** The application on a real store, without a port. Services besides administration are a test's own. */
export class TestApi implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly store: Store;
  readonly administration: Administration;
  /** As over TCP without TLS, and as over the Unix socket. */
  readonly app: FastifyInstance;
  readonly onSocket: FastifyInstance;
  readonly #close: () => Promise<void>;

  private constructor(
    store: Store,
    close: () => Promise<void>,
    others: Partial<ApiServices>,
    oidc: AdministrationOptions['oidc'],
  ) {
    this.store = store;
    this.#close = close;
    const { clock } = this;
    const sealer = createSealer(createSecretKey(Buffer.alloc(32, 7)));
    this.administration = composeAdministration({
      ...{ store, sealer, clock, limits, passwordCost, oidc },
      logger: pino({ level: 'silent' }),
    });
    const services = {
      metricsToken: null,
      devices: null,
      site: emptySite,
      ...others,
      administration: this.administration,
      idempotency: new Idempotency({ store, server: null, clock }),
    } as ApiServices;
    const { sessions, tokens } = this.administration;
    const authentication = new Authentication({ sessions, tokens, budget: new AddressBudget(clock) });
    const logger = pino({ level: 'silent' });
    this.app = buildApp({ services, authentication, logger, transport: 'tcp' });
    this.onSocket = buildApp({ services, authentication, logger, transport: 'socket' });
  }

  static async open(
    others: Partial<ApiServices> = {},
    oidc: AdministrationOptions['oidc'] = null,
  ): Promise<TestApi> {
    const temporary = await temporaryStore();
    return new TestApi(temporary.store, async () => temporary[Symbol.asyncDispose](), others, oidc);
  }

  /** A call from this machine, or from `remoteAddress`; as JSON, with what a browser of ours sends. */
  call(
    method: NonNullable<InjectOptions['method']>,
    url: string,
    options: CallOptions = {},
  ): Promise<LightMyRequestResponse> {
    const { body, cookie, token, headers, remoteAddress = '127.0.0.1' } = options;
    return (options.on ?? this.app).inject({
      method,
      url,
      remoteAddress,
      ...(body === undefined ? {} : { payload: body }),
      headers: {
        host: 'localhost:8080',
        'x-csrf-protection': '1',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(cookie === undefined ? {} : { cookie: `masque_vpn=${cookie}` }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    });
  }

  /** Makes an administrator and signs in; returns the cookie's value. */
  async signIn(name: string, role: Role): Promise<string> {
    const request = { name, role, password: goodPassword };
    const created = await this.administration.administrators.create(request, localActor);
    if (!created.ok) throw new Error(created.error.code);
    return this.login(name);
  }

  /** The cookie of one more session. */
  async login(name: string): Promise<string> {
    const credentials = { name, password: goodPassword, code: null };
    const origin = { remoteAddress: '127.0.0.1', userAgent: 'test' };
    const outcome = await this.administration.login.login(credentials, origin);
    if (!outcome.ok) throw new Error(outcome.error.code);
    return outcome.value.cookie;
  }

  /** Actions of the audit log, the oldest first. */
  async audited(): Promise<string[]> {
    const entries = await this.store.audit.list({ limit: 500 });
    return entries.map(({ action, target }) => `${action} ${target}`).reverse();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.onSocket.close();
    await this.#close();
  }
}

export interface CallOptions {
  readonly body?: object | string;
  readonly cookie?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
  readonly on?: FastifyInstance;
}

/** `code` of problem details; the status of a success. */
export function outcomeOf(response: LightMyRequestResponse): string | number {
  if (response.statusCode < 400) return response.statusCode;
  return response.json<{ readonly code: string }>().code;
}

/** The session's cookie that an answer sets. */
export function cookieOf(response: LightMyRequestResponse): string {
  return /^masque_vpn=([^;]*)/.exec(String(response.headers['set-cookie'] ?? ''))?.[1] ?? '';
}
