import { ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Actor, By } from '../audit/actor.js';
import type { Publisher } from '../events/feed.js';
import type { CertificateAuthority } from '../pki/authority.js';
import type { IssuedCertificate } from '../pki/issuing.js';
import { deleteRulesOf, joinGroups, type PolicyMembers } from '../policy/joining.js';
import type { Clock } from '../process/clock.js';
import type { RuntimeSettings } from '../settings/runtimeSettings.js';
import { attempt } from '../store/attempt.js';
import type { ClientChange, ClientRecord } from '../store/clients.js';
import type { Repositories } from '../store/repositories.js';
import type { Store } from '../store/store.js';
import type { AccessKeeper } from './accessKeeper.js';
import { detailOf, differenceOf } from './clientDifference.js';
import { changedMeanwhile, clientExists, clientNotFound, type ClientFailure } from './clientFailure.js';
import type { ClientDirectory } from './directory.js';

/** A link with which somebody gets a key certified for a client, once. */
export interface IssuedEnrolment {
  readonly uuid: string;
  /** Holds the secret: shown once, stored nowhere. */
  readonly link: string;
  /** UTC milliseconds. */
  readonly expiresAt: number;
}

/** Makes enrolment links, within the transaction that makes their client. */
export interface EnrolmentIssuer {
  issue(
    repositories: Repositories,
    request: {
      readonly client: ClientRecord;
      readonly actor: Actor;
      readonly lifetimeMs: number;
      readonly host: string | null;
      readonly now: number;
    },
  ): Promise<IssuedEnrolment>;
}

/** Judges limits that depend on what other clients have: fixed addresses. */
export interface LimitsCheck {
  check(
    repositories: Repositories,
    wanted: { readonly clientUuid: string | null } & Pick<ClientChange, 'fixedIpv4' | 'fixedIpv6'>,
  ): Promise<Result<void, ClientFailure>>;
}

/** How the first key of a new client is certified. */
export type FirstCredential =
  | { readonly kind: 'csr'; readonly csrPem: string }
  | {
      readonly kind: 'enrolment';
      /** Null: as the settings say. */
      readonly lifetimeMs: number | null;
      /** Public name to put into the link; null: the configured one. */
      readonly host: string | null;
    }
  /** Later. */
  | { readonly kind: 'none' };

export type NewClientRequest = ClientChange & {
  readonly slug: string;
  readonly owner?: string | null;
  /** Slugs; null: those of the settings that exist. */
  readonly groups: readonly string[] | null;
  readonly credential: FirstCredential;
};

export interface CreatedClient {
  readonly client: ClientRecord;
  readonly certificate: IssuedCertificate | null;
  readonly enrolment: IssuedEnrolment | null;
}

export interface ClientsOptions {
  readonly store: Pick<Store, 'atomically'>;
  readonly directory: ClientDirectory;
  readonly access: Pick<AccessKeeper, 'review'>;
  readonly authority: Pick<CertificateAuthority, 'issueClientCertificate'>;
  readonly policy: PolicyMembers;
  readonly limits: LimitsCheck;
  /** Null: no links are made. */
  readonly enrolments: EnrolmentIssuer | null;
  readonly settings: Pick<RuntimeSettings, 'values'>;
  readonly feed: Publisher;
  readonly clock: Clock;
  readonly logger: Logger;
}

const hour = 3_600_000;

/**
 * Creates, changes and deletes clients: first in the store, with the audit entry, then in memory, then for their open
 * sessions. Every method throws `StoreError`.
 */
export class Clients {
  readonly #options: ClientsOptions;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /**
   * Creates a client, puts it into its groups, and certifies the key of its CSR or makes a link for it. Codes:
   * CLIENT_EXISTS, GROUP_NOT_FOUND, FIXED_ADDRESS_…, PKI_BAD_CSR, PKI_BAD_SIGNATURE, PKI_WEAK_KEY.
   */
  async create(request: NewClientRequest, actor: Actor): Promise<Result<CreatedClient, ClientFailure>> {
    const { store, directory, clock, logger } = this.#options;
    const { slug, credential } = request;
    if (directory.findBySlug(slug) !== null) return clientExists(slug);
    const now = Math.trunc(clock.now());
    const issued = await this.#certify(slug, credential, now);
    if (!issued.ok) return issued;
    const certificate = issued.value;
    const created = await attempt<CreatedClient, ClientFailure>(store, async (repositories) => {
      const client = await this.#insert(repositories, request, now);
      if (!client.ok) return client;
      const { uuid } = client.value;
      if (certificate !== null) {
        await repositories.certificates.insert({ ...certificate, clientUuid: uuid, createdAt: now });
      }
      const enrolment = await this.#enrol(repositories, client.value, { credential, actor, now });
      const certificateSha256 = certificate?.sha256 ?? null;
      const detail = { ...detailOf(request), certificateSha256, enrolment: enrolment?.uuid ?? null };
      await repositories.audit.insert({ ...entryOf('client.create', slug, actor, now), detail });
      await repositories.changes.publish({ kind: 'client', id: uuid });
      return ok({ client: client.value, certificate, enrolment });
    });
    if (!created.ok) return created;
    const { client } = created.value;
    directory.putClient(client);
    if (certificate !== null) {
      directory.putCertificate({ ...certificate, clientUuid: client.uuid, revokedAt: null });
    }
    await this.#follow(client.uuid);
    this.#tell('client.created', slug);
    logger.info({ clientId: slug, certificateSha256: certificate?.sha256 ?? null }, 'client created');
    return created;
  }

  /**
   * Changes what is named. A client that may not be here any more loses its sessions before this returns. Codes:
   * CLIENT_NOT_FOUND, API_VERSION_CONFLICT, GROUP_NOT_FOUND, FIXED_ADDRESS_….
   *
   * @param groups all the groups it is to be in; null: as it is
   */
  async change(
    slug: string,
    wanted: ClientChange,
    { actor, version, groups = null }: By & { readonly groups?: readonly string[] | null },
  ): Promise<Result<ClientRecord, ClientFailure>> {
    const { store, directory, access, clock, logger } = this.#options;
    const now = Math.trunc(clock.now());
    const known = directory.findBySlug(slug);
    if (known === null) return clientNotFound(slug);
    const changed = await attempt<{ client: ClientRecord; fields: string[] }, ClientFailure>(
      store,
      async (repositories) => {
        const client = await repositories.clients.findByUuid(known.uuid);
        if (client === null) return clientNotFound(slug);
        if (version !== null && version !== client.version) return changedMeanwhile(client.version);
        const { change, detail } = differenceOf(client, wanted);
        const regrouped = groups === null ? {} : await regroup(repositories, client.uuid, groups, now);
        if ('error' in regrouped) return { ok: false, error: regrouped.error };
        const fields = { ...detail, ...regrouped };
        if (Object.keys(fields).length === 0) return ok({ client, fields: [] });
        const limits = await this.#options.limits.check(repositories, { clientUuid: client.uuid, ...change });
        if (!limits.ok) return limits;
        const at = { now, version: client.version };
        const updated = await repositories.clients.update(client.uuid, change, at);
        if (updated === null) return changedMeanwhile(client.version + 1);
        const entry = entryOf('client.update', slug, actor, now);
        await repositories.audit.insert({ ...entry, detail: fields });
        await repositories.changes.publish({ kind: 'client', id: client.uuid });
        return ok({ client: updated, fields: Object.keys(fields) });
      },
    );
    if (!changed.ok) return changed;
    const { client, fields } = changed.value;
    if (fields.length === 0) return ok(client);
    directory.putClient(client);
    const sessionsEnded = access.review(client.uuid, now);
    await this.#follow(client.uuid);
    this.#tell('client.updated', slug);
    logger.info({ clientId: slug, fields, sessionsEnded }, 'client changed');
    return ok(client);
  }

  /**
   * Ends a client's sessions and forgets it with its certificates; its history stays. Codes: CLIENT_NOT_FOUND,
   * API_VERSION_CONFLICT.
   */
  async remove(slug: string, { actor, version }: By): Promise<Result<void, ClientFailure>> {
    const { store, directory, access, policy, clock, logger } = this.#options;
    const now = Math.trunc(clock.now());
    const known = directory.findBySlug(slug);
    if (known === null) return clientNotFound(slug);
    const removed = await attempt<undefined, ClientFailure>(store, async (repositories) => {
      const client = await repositories.clients.findByUuid(known.uuid);
      if (client === null) return clientNotFound(slug);
      if (version !== null && version !== client.version) return changedMeanwhile(client.version);
      const rules = await deleteRulesOf(repositories, client.uuid);
      await repositories.clients.delete(client.uuid);
      const detail = rules.length === 0 ? {} : { rules };
      await repositories.audit.insert({ ...entryOf('client.delete', slug, actor, now), detail });
      await repositories.changes.publish({ kind: 'client', id: client.uuid });
      return ok(undefined);
    });
    if (!removed.ok) return removed;
    directory.removeClient(known.uuid);
    const sessionsEnded = access.review(known.uuid, now);
    policy.clientRemoved(known.uuid);
    this.#tell('client.deleted', slug);
    logger.info({ clientId: slug, sessionsEnded }, 'client deleted');
    return ok(undefined);
  }

  async #certify(
    slug: string,
    credential: FirstCredential,
    now: number,
  ): Promise<Result<IssuedCertificate | null, ClientFailure>> {
    if (credential.kind !== 'csr') return ok(null);
    const { csrPem } = credential;
    return this.#options.authority.issueClientCertificate({ csrPem, clientId: slug, now });
  }

  async #insert(
    repositories: Repositories,
    request: NewClientRequest,
    now: number,
  ): Promise<Result<ClientRecord, ClientFailure>> {
    const limits = await this.#options.limits.check(repositories, { clientUuid: null, ...request });
    if (!limits.ok) return limits;
    const client = await repositories.clients.create({ ...request, now });
    if (client === null) return clientExists(request.slug);
    const joined = await joinGroups(repositories, {
      clientUuid: client.uuid,
      groups: request.groups ?? (await this.#defaultGroups(repositories)),
      now,
    });
    return joined.ok ? ok(client) : joined;
  }

  /** A group of the settings that was deleted keeps nobody from creating clients. */
  async #defaultGroups(repositories: Repositories): Promise<readonly string[]> {
    const found: string[] = [];
    for (const slug of this.#options.settings.values.defaultGroups) {
      if ((await repositories.groups.findBySlug(slug)) !== null) found.push(slug);
    }
    return found;
  }

  async #enrol(
    repositories: Repositories,
    client: ClientRecord,
    {
      credential,
      actor,
      now,
    }: { readonly credential: FirstCredential; readonly actor: Actor; readonly now: number },
  ): Promise<IssuedEnrolment | null> {
    const { enrolments, settings } = this.#options;
    if (credential.kind !== 'enrolment' || enrolments === null) return null;
    const lifetimeMs = credential.lifetimeMs ?? settings.values.enrolmentLifetimeHours * hour;
    return enrolments.issue(repositories, { client, actor, lifetimeMs, host: credential.host, now });
  }

  /** The change is stored and must not fail any more: what the policy could not read now it reads again later. */
  async #follow(clientUuid: string): Promise<void> {
    const { policy, logger } = this.#options;
    try {
      await policy.clientChanged(clientUuid);
    } catch (error) {
      logger.error({ err: error, clientUuid }, 'the policy of a client could not be read again');
    }
  }

  #tell(type: string, clientId: string): void {
    this.#options.feed.publish({ topic: 'clients', type, clientId, data: { id: clientId } });
  }
}

function entryOf(
  action: string,
  slug: string,
  actor: Actor,
  now: number,
): {
  readonly actor: Actor;
  readonly action: string;
  readonly targetKind: 'client';
  readonly target: string;
  readonly now: number;
} {
  return { actor, action, targetKind: 'client', target: slug, now };
}

/** Makes these the client's groups; returns what the audit log says of it, nothing where they were. */
async function regroup(
  repositories: Repositories,
  clientUuid: string,
  wanted: readonly string[],
  now: number,
): Promise<
  | { readonly groups?: { readonly from: readonly string[]; readonly to: readonly string[] } }
  | { error: ClientFailure }
> {
  const groups = await repositories.groups.list();
  const uuidOf = new Map(groups.map(({ slug, uuid }) => [slug, uuid]));
  const slugOf = new Map(groups.map(({ slug, uuid }) => [uuid, slug]));
  const missing = wanted.find((slug) => !uuidOf.has(slug));
  if (missing !== undefined) {
    return { error: { code: 'GROUP_NOT_FOUND', message: `there is no group "${missing}"` } };
  }
  const before = await repositories.groups.groupsOf(clientUuid);
  const after = new Set(wanted.flatMap((slug) => uuidOf.get(slug) ?? []));
  const leaving = before.filter((uuid) => !after.has(uuid));
  const joining = [...after].filter((uuid) => !before.includes(uuid));
  if (leaving.length + joining.length === 0) return {};
  for (const uuid of leaving) await repositories.groups.removeMember(clientUuid, uuid);
  for (const uuid of joining) await repositories.groups.addMember(clientUuid, uuid, now);
  const slugs = (uuids: Iterable<string>): string[] =>
    [...uuids].map((uuid) => slugOf.get(uuid) ?? uuid).sort();
  return { groups: { from: slugs(before), to: slugs(after) } };
}
