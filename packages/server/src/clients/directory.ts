import { isTokenCredential } from './credential.js';
import type { CertificateRecord } from '../store/certificates.js';
import type { ClientRecord } from '../store/clients.js';
import type { Store } from '../store/store.js';

/** What is remembered of a certificate. */
export type KnownCertificate = Pick<
  CertificateRecord,
  'sha256' | 'clientUuid' | 'notBefore' | 'notAfter' | 'revokedAt'
>;

/** Whose certificate it is, or why its holder gets no tunnel. */
export type Identification =
  | { readonly known: true; readonly client: ClientRecord }
  | {
      readonly known: false;
      readonly code:
        | 'CERTIFICATE_UNKNOWN'
        | 'CERTIFICATE_NOT_YET_VALID'
        | 'CERTIFICATE_EXPIRED'
        | 'CERTIFICATE_REVOKED'
        | 'CLIENT_DISABLED'
        | 'CLIENT_EXPIRED';
      /** Whose certificate it would be; null where nobody's. */
      readonly clientId: string | null;
    };

/** What a client known by these is kept out for. */
export type AccessFault =
  'CLIENT_DELETED' | 'CLIENT_DISABLED' | 'CLIENT_EXPIRED' | 'CERTIFICATE_REVOKED' | 'CERTIFICATE_EXPIRED';

/** Hears of each client that comes, changes or goes. */
export interface DirectoryListener {
  put(client: ClientRecord, before: ClientRecord | null): void;
  removed(client: ClientRecord): void;
}

/** Whether somebody who was let in may stay, and until or since when (UTC milliseconds; null: for ever, unknown). */
export type Access =
  | { readonly granted: true; readonly untilMs: number | null }
  | { readonly granted: false; readonly fault: AccessFault; readonly sinceMs: number | null };

/**
 * Every client and certificate in memory: admission looks a leaf up without waiting for the store. Whoever
 * changes the store changes this as well, after the store has acknowledged.
 */
export class ClientDirectory {
  readonly #clients = new Map<string, ClientRecord>();
  readonly #uuidOfSlug = new Map<string, string>();
  readonly #certificates = new Map<string, KnownCertificate>();
  readonly #certificatesOf = new Map<string, Map<string, KnownCertificate>>();
  /** Deleted in this run: what was read before the deletion must not bring them back. */
  readonly #removed = new Set<string>();
  readonly #listeners = new Set<DirectoryListener>();
  #enabled = 0;

  /** Reads all of the store, a page at a time; throws `StoreError` when it cannot be read. */
  static async load(
    store: Pick<Store, 'clients' | 'certificates'>,
    pageSize = 500,
  ): Promise<ClientDirectory> {
    const directory = new ClientDirectory();
    await directory.read(store, pageSize);
    return directory;
  }

  /** Takes over all that is in the store; returns the uuids of the clients that are there. */
  async read(store: Pick<Store, 'clients' | 'certificates'>, pageSize = 500): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    let clients = await store.clients.list({ limit: pageSize });
    for (let last = clients.at(-1); last !== undefined; last = clients.at(-1)) {
      for (const client of clients) {
        found.add(client.uuid);
        this.putClient(client);
      }
      clients = await store.clients.list({ after: last.slug, limit: pageSize });
    }
    let certificates = await store.certificates.list({ limit: pageSize });
    for (let last = certificates.at(-1); last !== undefined; last = certificates.at(-1)) {
      for (const certificate of certificates) this.putCertificate(certificate);
      certificates = await store.certificates.list({ after: last.sha256, limit: pageSize });
    }
    return found;
  }

  /**
   * Whose certificate this is.
   *
   * @param sha256 SHA-256 of the leaf (DER), lower-case hex
   * @param now UTC milliseconds
   */
  identify(sha256: string, now: number): Identification {
    const certificate = this.#certificates.get(sha256);
    const client = certificate === undefined ? undefined : this.#clients.get(certificate.clientUuid);
    if (certificate === undefined || client === undefined) {
      return { known: false, code: 'CERTIFICATE_UNKNOWN', clientId: null };
    }
    const code = certificateFault(certificate, now) ?? clientFault(client, now);
    return code === null ? { known: true, client } : { known: false, code, clientId: client.slug };
  }

  /**
   * Whether a client that was let in may stay. Its certificate's time is over only when that of its renewals is: a
   * session goes on while its client has a valid certificate.
   *
   * @param sha256 the certificate it came with; null: it came without
   * @param now UTC milliseconds
   */
  accessOf(clientUuid: string, sha256: string | null, now: number): Access {
    const client = this.#clients.get(clientUuid);
    if (client === undefined) return { granted: false, fault: 'CLIENT_DELETED', sinceMs: null };
    if (!client.enabled) return { granted: false, fault: 'CLIENT_DISABLED', sinceMs: client.updatedAt };
    const { expiresAt } = client;
    if (expiresAt !== null && now >= expiresAt) {
      // It may have been set to a time that was over.
      return { granted: false, fault: 'CLIENT_EXPIRED', sinceMs: Math.max(expiresAt, client.updatedAt) };
    }
    if (sha256 === null) return { granted: true, untilMs: expiresAt };
    const certificate = this.#certificates.get(sha256);
    if (certificate === undefined) return { granted: false, fault: 'CERTIFICATE_REVOKED', sinceMs: null };
    const { revokedAt } = certificate;
    if (revokedAt !== null) return { granted: false, fault: 'CERTIFICATE_REVOKED', sinceMs: revokedAt };
    const end = this.#endOfRenewals(certificate);
    if (now >= end) return { granted: false, fault: 'CERTIFICATE_EXPIRED', sinceMs: end };
    return { granted: true, untilMs: Math.min(end, expiresAt ?? end) };
  }

  #endOfRenewals(certificate: KnownCertificate): number {
    let end = endOfValidity(certificate);
    for (const other of this.#certificatesOf.get(certificate.clientUuid)?.values() ?? []) {
      if (other.revokedAt === null) end = Math.max(end, endOfValidity(other));
    }
    return end;
  }

  /** Takes a client over; an older version than the one that is known changes nothing. */
  putClient(client: ClientRecord): void {
    const known = this.#clients.get(client.uuid);
    if (this.#removed.has(client.uuid) || (known !== undefined && known.version > client.version)) return;
    if (known !== undefined) this.#withdraw(known);
    this.#clients.set(client.uuid, client);
    this.#uuidOfSlug.set(client.slug, client.uuid);
    if (client.enabled) this.#enabled += 1;
    for (const listener of this.#listeners) listener.put(client, known ?? null);
  }

  /** Takes a certificate over; one that was revoked stays so. */
  putCertificate(certificate: KnownCertificate): void {
    const { sha256, clientUuid } = certificate;
    const known = this.#certificates.get(sha256);
    if (this.#removed.has(clientUuid) || (known?.revokedAt ?? null) !== null) return;
    this.#certificates.set(sha256, certificate);
    const ofClient = this.#certificatesOf.get(clientUuid) ?? new Map<string, KnownCertificate>();
    this.#certificatesOf.set(clientUuid, ofClient.set(sha256, certificate));
  }

  /** Forgets the client and its certificates. */
  removeClient(uuid: string): void {
    const client = this.#clients.get(uuid);
    this.#removed.add(uuid);
    if (client === undefined) return;
    this.#withdraw(client);
    for (const sha256 of this.#certificatesOf.get(uuid)?.keys() ?? []) this.#certificates.delete(sha256);
    this.#certificatesOf.delete(uuid);
    for (const listener of this.#listeners) listener.removed(client);
  }

  /** Tells the listener of everything from now on. */
  listen(listener: DirectoryListener): void {
    this.#listeners.add(listener);
  }

  findBySlug(slug: string): ClientRecord | null {
    const uuid = this.#uuidOfSlug.get(slug);
    return (uuid === undefined ? undefined : this.#clients.get(uuid)) ?? null;
  }

  findByUuid(uuid: string): ClientRecord | null {
    return this.#clients.get(uuid) ?? null;
  }

  findCertificate(sha256: string): KnownCertificate | null {
    return this.#certificates.get(sha256) ?? null;
  }

  /** In no order. */
  all(): Iterable<ClientRecord> {
    return this.#clients.values();
  }

  counts(): { readonly total: number; readonly enabled: number } {
    return { total: this.#clients.size, enabled: this.#enabled };
  }

  /**
   * When the first of the enabled clients is left without a valid certificate, UTC milliseconds: of each client the
   * certificate that lasts longest counts. Those that have lapsed already do not; null when there is none.
   */
  soonestExpiry(now: number): number | null {
    let soonest: number | null = null;
    for (const { uuid, enabled } of this.#clients.values()) {
      const last = enabled ? this.lastExpiry(uuid, now) : null;
      if (last !== null) soonest = Math.min(soonest ?? last, last);
    }
    return soonest;
  }

  /** When the last of a client's valid certificates expires, UTC milliseconds; null: it has none. */
  lastExpiry(uuid: string, now: number): number | null {
    let last: number | null = null;
    for (const { sha256, notAfter, revokedAt } of this.#certificatesOf.get(uuid)?.values() ?? []) {
      if (isTokenCredential(sha256)) continue;
      if (revokedAt === null && notAfter >= now) last = Math.max(last ?? notAfter, notAfter);
    }
    return last;
  }

  /** A client's certificates, the newest last. */
  certificatesOf(uuid: string): readonly KnownCertificate[] {
    const certificates = this.#certificatesOf.get(uuid);
    return certificates === undefined
      ? []
      : [...certificates.values()]
          .filter(({ sha256 }) => !isTokenCredential(sha256))
          .sort((a, b) => a.notBefore - b.notBefore);
  }

  #withdraw(client: ClientRecord): void {
    this.#clients.delete(client.uuid);
    this.#uuidOfSlug.delete(client.slug);
    if (client.enabled) this.#enabled -= 1;
  }
}

/** RFC 5280 §4.1.2.5: notAfter is the last second of validity. */
function endOfValidity({ notAfter }: KnownCertificate): number {
  return notAfter + 1_000;
}

function certificateFault(
  certificate: KnownCertificate,
  now: number,
): 'CERTIFICATE_REVOKED' | 'CERTIFICATE_NOT_YET_VALID' | 'CERTIFICATE_EXPIRED' | null {
  if (certificate.revokedAt !== null) return 'CERTIFICATE_REVOKED';
  if (now < certificate.notBefore) return 'CERTIFICATE_NOT_YET_VALID';
  return now >= endOfValidity(certificate) ? 'CERTIFICATE_EXPIRED' : null;
}

function clientFault(
  { enabled, expiresAt }: ClientRecord,
  now: number,
): 'CLIENT_DISABLED' | 'CLIENT_EXPIRED' | null {
  if (!enabled) return 'CLIENT_DISABLED';
  return expiresAt !== null && now >= expiresAt ? 'CLIENT_EXPIRED' : null;
}
