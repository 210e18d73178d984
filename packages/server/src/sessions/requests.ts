import type { Engine } from '@masque-vpn/engine';
import {
  ACCEPT_HEADERS,
  formatAddress,
  hostPrefix,
  HttpError,
  ProxySession,
  type Refusal,
  type Route,
} from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Lease } from '../addressing/lease.js';
import type { Pools } from '../addressing/pools.js';
import type { Admission, Claim, RequestEvent } from '../admission/admission.js';
import { refusalFor, type AdmissionRefusalCode, type RefusalCode } from '../admission/refusal.js';
import { grantFor, type Grant, type ScopeContext } from '../admission/scopedRoutes.js';
import type { Metrics } from '../metrics/metrics.js';
import type { AccessControl } from '../policy/access.js';
import type { Clock } from '../process/clock.js';
import { uuidV7 } from '../store/uuid.js';
import type { HistoryRecorder } from './historyRecorder.js';
import type { LivePolicy } from './livePolicy.js';
import type { SessionObserver } from './observer.js';
import type { Places } from './places.js';
import type { EndCause, Session } from './session.js';
import type { Tunnels } from './tunnels.js';

export interface RequestsOptions {
  readonly engine: Pick<Engine, 'accept' | 'refuse' | 'abort'>;
  readonly admission: Admission;
  readonly scopes: Omit<ScopeContext, 'advertised'>;
  readonly accessControl: Pick<AccessControl, 'take' | 'release' | 'routesOf' | 'dnsOf'>;
  readonly pools: Pick<Pools, 'lease'>;
  readonly places: Places;
  readonly tunnels: Tunnels;
  readonly livePolicy: Pick<LivePolicy, 'opened' | 'gone'>;
  readonly metrics: Metrics;
  readonly history: HistoryRecorder;
  readonly observer: Required<SessionObserver>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a request being decided is answered with when its session is ended from outside. */
const refusalOfEnd: Readonly<Record<EndCause, AdmissionRefusalCode>> = {
  CLIENT_DISABLED: 'CLIENT_DISABLED',
  CLIENT_DELETED: 'CERTIFICATE_UNKNOWN',
  CLIENT_EXPIRED: 'CLIENT_EXPIRED',
  CERTIFICATE_REVOKED: 'CERTIFICATE_REVOKED',
  CERTIFICATE_EXPIRED: 'CERTIFICATE_EXPIRED',
  SESSION_DISCONNECTED: 'REQUEST_REPLACED',
  SESSION_REPLACED: 'REQUEST_REPLACED',
  SERVER_STOPPING: 'SERVER_STOPPING',
  QUOTA_EXCEEDED: 'QUOTA_EXCEEDED',
  CAPSULE_REFUSED: 'ENGINE_REFUSED',
};

/** Leads a request to its answer: 200 with addresses and routes, or a refusal. */
export class Requests {
  readonly #options: RequestsOptions;
  #stopping = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** From now on every request is refused. */
  stop(): void {
    this.#stopping = true;
  }

  /** Refuses at once, or gives the request a place and decides as soon as its target and lease are there. */
  take(event: RequestEvent): void {
    const { admission, places, clock, logger } = this.#options;
    if (this.#stopping) {
      this.#refuse(event, refusalFor('SERVER_STOPPING'), null);
      return;
    }
    const judgement = admission.judge(event, places.table, clock.now());
    if (!judgement.admitted) {
      this.#refuse(event, judgement.refusal, judgement.clientId);
      return;
    }
    const session = this.#place(event, judgement.claim);
    this.#decide(session, judgement.claim).catch((error: unknown) => {
      logger.error({ sessionId: session.uuid, err: error }, 'a request could not be decided');
      this.#giveUp(session, 'ENGINE_REFUSED');
    });
  }

  /** Ends a session of our own accord: its place and addresses are free at once, the engine's word follows. */
  end(session: Session, cause: EndCause): void {
    const { engine, places } = this.#options;
    if (session.phase.name === 'deciding') {
      this.#giveUp(session, refusalOfEnd[cause]);
      return;
    }
    session.endCause = cause;
    places.vacate(session);
    engine.abort(session.id, HttpError.requestCancelled);
    this.#options.livePolicy.gone(session);
  }

  #place(event: RequestEvent, { client, credential, instance }: Claim): Session {
    const now = Math.trunc(this.#options.clock.now());
    const session: Session = {
      id: event.sessionId,
      connectionId: event.connectionId,
      uuid: uuidV7(now),
      client,
      certificateSha256: credential,
      instance,
      receivedAtMs: event.receivedAtMs,
      startedAtMs: now,
      remoteAddress: event.remoteAddress,
      tunnelMtu: null,
      phase: { name: 'deciding' },
      endCause: null,
      accessLostAtMs: null,
    };
    this.#options.places.table.add(session);
    return session;
  }

  async #decide(session: Session, claim: Claim): Promise<void> {
    const { pools, places, scopes, accessControl, clock } = this.#options;
    const advertised = accessControl.routesOf(session.client.uuid);
    const pending = grantFor(claim.scope, { ...scopes, advertised });
    const grant = pending instanceof Promise ? await pending : pending;
    if (session.phase.name !== 'deciding') return;
    if (!grant.ok) {
      this.#giveUp(session, grant.error);
      return;
    }
    const replaced = places.table.claimInstance(session);
    if (replaced !== null) this.end(replaced, 'SESSION_REPLACED');
    const outcome = await pools.lease({
      clientUuid: session.client.uuid,
      instance: session.instance ?? '',
      families: grant.value.families,
      now: Math.trunc(clock.now()),
    });
    if (!outcome.ok)
      this.#giveUp(session, outcome.reason === 'store' ? 'LEASE_NOT_STORED' : 'POOL_EXHAUSTED');
    else this.#open(session, outcome.leases, { ...grant.value, advertised });
  }

  #open(session: Session, leases: readonly Lease[], grant: Grant & { advertised: readonly Route[] }): void {
    const { engine, places, tunnels, accessControl, logger } = this.#options;
    if (session.phase.name !== 'deciding') {
      places.release(leases);
      return;
    }
    const proxy = new ProxySession({
      assigned: leases.map(({ address }) => hostPrefix(address)),
      routes: grant.routes,
      dns: grant.takesDns ? accessControl.dnsOf(session.client.uuid) : [],
    });
    const { forwarding, capsules } = proxy.open();
    const hold = accessControl.take(session.client.uuid);
    const wanted = tunnels.forwarding(forwarding, hold);
    const accepted = engine.accept(session.id, ACCEPT_HEADERS, wanted, capsules);
    if (!accepted.ok) {
      logger.error({ sessionId: session.uuid, err: accepted.error }, 'the engine did not take a session');
      accessControl.release(hold);
      places.release(leases);
      this.#giveUp(session, 'ENGINE_REFUSED');
      return;
    }
    const { advertised, narrow, takesDns } = grant;
    session.phase = { name: 'open', proxy, leases, policy: { hold, advertised, narrow, takesDns } };
    places.table.claimAddresses(
      session,
      leases.map(({ address }) => formatAddress(address)),
    );
    this.#record(session, leases);
  }

  #record(session: Session, leases: readonly Lease[]): void {
    const { metrics, history, logger } = this.#options;
    const { id, uuid, connectionId, client, instance, remoteAddress, receivedAtMs, startedAtMs } = session;
    const addresses = leases.map(({ address }) => formatAddress(address));
    metrics.admitted(id, { connectionId, clientId: client.slug, receivedAtMs });
    logger.info({ sessionId: uuid, clientId: client.slug, remoteAddress, addresses }, 'session opened');
    history.opened({
      uuid,
      clientUuid: client.uuid,
      clientSlug: client.slug,
      instance: instance ?? '',
      remoteAddress,
      addresses,
      startedAt: startedAtMs,
    });
    this.#options.livePolicy.opened(session);
    this.#options.observer.opened(session);
  }

  /** The request gets no tunnel after all. */
  #giveUp(session: Session, code: AdmissionRefusalCode): void {
    if (session.phase.name !== 'deciding') return;
    const { places } = this.#options;
    places.vacate(session);
    const { id: sessionId, receivedAtMs, remoteAddress, client } = session;
    this.#refuse({ sessionId, receivedAtMs, remoteAddress }, refusalFor(code), client.slug);
  }

  #refuse(
    event: Pick<RequestEvent, 'sessionId' | 'receivedAtMs' | 'remoteAddress'>,
    refusal: Refusal<RefusalCode>,
    clientId: string | null,
  ): void {
    const { engine, metrics, observer, clock, logger } = this.#options;
    const { code: reason, status, headers, message: detail, resetCode } = refusal;
    metrics.refused(refusal, event.receivedAtMs);
    engine.refuse(event.sessionId, status, headers, resetCode);
    const client = clientId === null ? {} : { clientId };
    logger.info({ reason, status, remoteAddress: event.remoteAddress, ...client, detail }, 'request refused');
    if (clientId === null) return;
    const { remoteAddress } = event;
    observer.refused({ clientId, code: reason, remoteAddress, atMs: Math.trunc(clock.now()) });
  }
}
