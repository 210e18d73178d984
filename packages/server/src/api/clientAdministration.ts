import { formatAddress, ok, parseAddress, type Result } from '@masque-vpn/protocol';
import { z } from 'zod';
import type { Pools } from '../addressing/pools.js';
import type { Actor, By } from '../audit/actor.js';
import { clientNotFound, type ClientFailure } from '../clients/clientFailure.js';
import type { Clients, FirstCredential } from '../clients/clients.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { ClientSearch } from '../clients/search.js';
import type { OpenSessions } from '../sessions/openSessions.js';
import type { ClientChange, ClientRecord } from '../store/clients.js';
import type {
  ClientChangeModel,
  ClientListQuery,
  ClientModel,
  CreatedClientModel,
  NewClientModel,
} from './models/client.js';
import type { ClientLimitsModel } from './models/limits.js';
import { cutPage, parseCursor, type Page } from './page.js';
import type { ApiFailure } from './problem.js';

export interface ClientAdministrationOptions {
  readonly clients: Clients;
  readonly directory: ClientDirectory;
  readonly search: ClientSearch;
  /** Slugs, in order. */
  readonly groupsOf: (clientUuid: string) => readonly string[];
  readonly openSessions: Pick<OpenSessions, 'ofClient'>;
  readonly pools: Pick<Pools, 'holdingsOf'>;
  /** What a profile holds besides the certificate; `host` replaces the configured one. */
  readonly endpoint: (host: string | null) => {
    readonly caPem: string;
    readonly url: string;
    readonly addressHints: readonly string[];
  };
}

const hour = 3_600_000;
const placeKey = z.tuple([z.union([z.string(), z.number()]), z.string()]);

/** Clients as the API shows and changes them. What changes them throws `StoreError` when the store is lost. */
export class ClientAdministration {
  readonly #options: ClientAdministrationOptions;

  constructor(options: ClientAdministrationOptions) {
    this.#options = options;
  }

  /** Code: API_REQUEST_INVALID. */
  list(query: ClientListQuery): Result<Page<ClientModel>, ApiFailure> {
    const { search } = this.#options;
    const after = parseCursor(query.cursor, placeKey);
    if (!after.ok) return after;
    const { sort, limit } = query;
    const found = search.find({
      text: query.q ?? null,
      group: query.group ?? null,
      enabled: query.enabled ?? null,
      online: query.online ?? null,
      sort,
      descending: query.order === 'desc',
      after: after.value,
      limit,
    });
    return ok(
      cutPage(
        found,
        limit,
        (client) => search.placeOf(client, sort),
        (client) => this.#model(client),
      ),
    );
  }

  /** Code: CLIENT_NOT_FOUND. */
  find(id: string): Result<ClientModel, ClientFailure> {
    const client = this.#options.directory.findBySlug(id);
    return client === null ? clientNotFound(id) : ok(this.#model(client));
  }

  /** Codes: see `Clients.create`. */
  async create(request: NewClientModel, actor: Actor): Promise<Result<CreatedClientModel, ClientFailure>> {
    const created = await this.#options.clients.create(
      {
        ...changeOf(request),
        slug: request.name,
        groups: request.groups ?? null,
        credential: credentialOf(request),
      },
      actor,
    );
    if (!created.ok) return created;
    const { client, certificate, enrolment } = created.value;
    const { caPem, url, addressHints } = this.#options.endpoint(request.host ?? null);
    return ok({
      client: this.#model(client),
      certificatePem: certificate?.pem ?? null,
      enrolment:
        enrolment === null
          ? null
          : { id: enrolment.uuid, link: enrolment.link, expiresAtMs: enrolment.expiresAt },
      caPem,
      url,
      addressHints: [...addressHints],
    });
  }

  /** Codes: see `Clients.change`. */
  async change(id: string, request: ClientChangeModel, by: By): Promise<Result<ClientModel, ClientFailure>> {
    const groups = request.groups ?? null;
    const changed = await this.#options.clients.change(id, changeOf(request), { ...by, groups });
    return changed.ok ? ok(this.#model(changed.value)) : changed;
  }

  /** Codes: see `Clients.remove`. */
  remove(id: string, by: By): Promise<Result<void, ClientFailure>> {
    return this.#options.clients.remove(id, by);
  }

  #model(client: ClientRecord): ClientModel {
    const { groupsOf, openSessions, directory, search } = this.#options;
    const { uuid } = client;
    const open = openSessions.ofClient(uuid);
    return {
      id: client.slug,
      displayName: client.displayName,
      note: client.note,
      owner: client.owner,
      enabled: client.enabled,
      expiresAtMs: client.expiresAt,
      createdAtMs: client.createdAt,
      updatedAtMs: client.updatedAt,
      version: client.version,
      groups: [...groupsOf(uuid)],
      limits: limitsOf(client),
      addresses: open.length > 0 ? open.flat() : this.#lastAddresses(uuid),
      openSessions: open.length,
      lastConnectedAtMs: search.lastConnectedAt(uuid),
      certificates: directory.certificatesOf(uuid).map(({ sha256, notBefore, notAfter, revokedAt }) => ({
        sha256,
        notBeforeMs: notBefore,
        notAfterMs: notAfter,
        revokedAtMs: revokedAt,
      })),
    };
  }

  /** The last of each family on this server. */
  #lastAddresses(clientUuid: string): string[] {
    const holdings = this.#options.pools.holdingsOf(clientUuid);
    const last = [4, 6].flatMap((family) => holdings.find(({ address }) => address.family === family) ?? []);
    return last.map(({ address }) => formatAddress(address));
  }
}

function limitsOf(client: ClientRecord): ClientLimitsModel {
  const { routes, dns } = client;
  return {
    rateUpBytesPerSecond: client.rateUp,
    rateDownBytesPerSecond: client.rateDown,
    monthlyQuotaBytes: client.monthlyQuota,
    maxSessions: client.maxSessions,
    routes: routes === null ? null : [...routes],
    dns: dns === null ? null : { servers: [...dns.servers], searchDomains: [...dns.searchDomains] },
    fixedIpv4: client.fixedIpv4,
    fixedIpv6: client.fixedIpv6,
  };
}

function changeOf({ displayName, note, enabled, expiresAtMs, limits = {} }: ClientChangeModel): ClientChange {
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(note === undefined ? {} : { note }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(expiresAtMs === undefined ? {} : { expiresAt: expiresAtMs }),
    ...(limits.rateUpBytesPerSecond === undefined ? {} : { rateUp: limits.rateUpBytesPerSecond }),
    ...(limits.rateDownBytesPerSecond === undefined ? {} : { rateDown: limits.rateDownBytesPerSecond }),
    ...(limits.monthlyQuotaBytes === undefined ? {} : { monthlyQuota: limits.monthlyQuotaBytes }),
    ...(limits.maxSessions === undefined ? {} : { maxSessions: limits.maxSessions }),
    ...(limits.fixedIpv4 === undefined ? {} : { fixedIpv4: canonical(limits.fixedIpv4) }),
    ...(limits.fixedIpv6 === undefined ? {} : { fixedIpv6: canonical(limits.fixedIpv6) }),
    ...(limits.routes === undefined ? {} : { routes: limits.routes }),
    ...(limits.dns === undefined ? {} : { dns: limits.dns }),
  };
}

/** The model has parsed it already. */
function canonical(address: string | null): string | null {
  if (address === null) return null;
  const parsed = parseAddress(address);
  return parsed.ok ? formatAddress(parsed.value) : address;
}

function credentialOf({ csrPem, enrolment, host }: NewClientModel): FirstCredential {
  if (csrPem !== undefined) return { kind: 'csr', csrPem };
  if (enrolment === undefined) return { kind: 'none' };
  const { lifetimeHours } = enrolment;
  return {
    kind: 'enrolment',
    lifetimeMs: lifetimeHours === undefined ? null : lifetimeHours * hour,
    host: host ?? null,
  };
}
