import type { EngineEvent } from '@masque-vpn/engine';
import {
  isExtensionHeaderScope,
  judgeRequest,
  type Refusal,
  type RequestPolicy,
  type Scope,
} from '@masque-vpn/protocol';
import { bearerCredential } from '../clients/credential.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { ClientRecord } from '../store/clients.js';
import { refusalFor, type AdmissionRefusalCode, type RefusalCode } from './refusal.js';

export type RequestEvent = Extract<EngineEvent, { type: 'request' }>;

/** Who asks, and for what; the request is well-formed, its sender known, and there is room. */
export interface Claim {
  readonly client: ClientRecord;
  /** Fingerprint of the certificate it came with, or its token, as the directory knows it. */
  readonly credential: string;
  /** Instance id of the client's software; null when it sent none. */
  readonly instance: string | null;
  readonly scope: Scope;
}

export type Judgement =
  | { readonly admitted: true; readonly claim: Claim }
  | { readonly admitted: false; readonly refusal: Refusal<RefusalCode>; readonly clientId: string | null };

/** How full the server is, as one request sees it. */
export interface Occupancy {
  /** Whose the connection is; null before its first admitted request. */
  ownerOf(connectionId: RequestEvent['connectionId']): string | null;
  /** Sessions that would stand beside a new one; what it replaces does not count. */
  beside(claim: {
    readonly connectionId: RequestEvent['connectionId'];
    readonly clientUuid: string;
    readonly instance: string | null;
  }): { readonly ofConnection: number; readonly ofClient: number; readonly ofServer: number };
}

/** Sessions allowed at a time (CIP-1604). */
export interface SessionQuota {
  readonly perConnection: number;
  readonly perClient: number;
  readonly max: number;
}

/** What the policy grants a client. */
export interface ClientAllowance {
  /** Sessions at a time; null: as many as anybody. */
  maxSessionsOf(clientUuid: string): number | null;
  /** Sessions on other servers that would stand beside a new one of this instance. */
  sessionsElsewhere(clientUuid: string, instance: string | null): number;
  /** Whether it has used up its traffic of the month. */
  isQuotaExceeded(clientUuid: string): boolean;
}

export interface AdmissionOptions {
  readonly policy: RequestPolicy;
  readonly directory: Pick<ClientDirectory, 'identify'>;
  readonly quota: SessionQuota;
  readonly allowance: ClientAllowance;
  /** Whether a bearer token stands for a certificate. */
  readonly takesTokens: boolean;
  /** Whether packets could be forwarded now. */
  readonly tunActive: () => boolean;
}

/**
 * Decides on a request by what is in memory: form, identity, limits, in this order. Nothing is resolved,
 * allocated or written before all of it has passed (CIP-309).
 */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** @param now UTC milliseconds */
  judge(event: RequestEvent, occupancy: Occupancy, now: number): Judgement {
    const outcome = judgeRequest(event.headers, this.#options.policy);
    if (!outcome.accepted) return { admitted: false, refusal: outcome.refusal, clientId: null };
    const token = this.#options.takesTokens ? bearerCredential(event.headers) : null;
    const credential = event.leafSha256 ?? token;
    if (credential === null) return refused('CERTIFICATE_MISSING');
    const holder = this.#options.directory.identify(credential, now);
    if (!holder.known) return refused(holder.code, holder.clientId);
    const { client } = holder;
    const { scope, instanceId: instance } = outcome.request;
    const code =
      this.#forbidden(event, client, scope, occupancy) ??
      this.#full(
        occupancy.beside({ connectionId: event.connectionId, clientUuid: client.uuid, instance }),
        client.uuid,
        instance,
      );
    if (code !== null) return refused(code, client.slug);
    return { admitted: true, claim: { client, credential, instance, scope } };
  }

  #forbidden(
    event: RequestEvent,
    client: ClientRecord,
    scope: Scope,
    occupancy: Occupancy,
  ): AdmissionRefusalCode | null {
    const owner = occupancy.ownerOf(event.connectionId);
    if (owner !== null && owner !== client.uuid) return 'CONNECTION_OF_OTHER_CLIENT';
    return isExtensionHeaderScope(scope) ? 'SCOPE_NOT_SERVED' : null;
  }

  #full(
    beside: ReturnType<Occupancy['beside']>,
    clientUuid: string,
    instance: string | null,
  ): AdmissionRefusalCode | null {
    const { quota, allowance, tunActive } = this.#options;
    if (!tunActive()) return 'TUN_DOWN';
    if (allowance.isQuotaExceeded(clientUuid)) return 'QUOTA_EXCEEDED';
    if (beside.ofConnection >= quota.perConnection) return 'LIMIT_PER_CONNECTION';
    const perClient = allowance.maxSessionsOf(clientUuid) ?? quota.perClient;
    const ofClient = beside.ofClient + allowance.sessionsElsewhere(clientUuid, instance);
    if (ofClient >= perClient) return 'LIMIT_PER_CLIENT';
    return beside.ofServer >= quota.max ? 'LIMIT_OF_SERVER' : null;
  }
}

function refused(code: AdmissionRefusalCode, clientId: string | null = null): Judgement {
  return { admitted: false, refusal: refusalFor(code), clientId };
}
