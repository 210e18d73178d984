import type { CertificateRecord } from '../store/certificates.js';
import type { ClientRecord } from '../store/clients.js';
import type { Store } from '../store/store.js';

type KnownCertificate = Pick<
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

/**
 * Every client and certificate in memory: admission looks a leaf up without waiting for the store. Whoever
 * changes the store changes this as well, after the store has acknowledged.
 */
export class ClientDirectory {
  readonly #clients = new Map<string, ClientRecord>();
  readonly #uuidOfSlug = new Map<string, string>();
  readonly #certificates = new Map<string, KnownCertificate>();

  /** Reads all of the store, a page at a time; throws `StoreError` when it cannot be read. */
  static async load(
    store: Pick<Store, 'clients' | 'certificates'>,
    pageSize = 500,
  ): Promise<ClientDirectory> {
    const directory = new ClientDirectory();
    let clients = await store.clients.list({ limit: pageSize });
    for (let last = clients.at(-1); last !== undefined; last = clients.at(-1)) {
      for (const client of clients) directory.putClient(client);
      clients = await store.clients.list({ after: last.slug, limit: pageSize });
    }
    let certificates = await store.certificates.list({ limit: pageSize });
    for (let last = certificates.at(-1); last !== undefined; last = certificates.at(-1)) {
      for (const certificate of certificates) directory.putCertificate(certificate);
      certificates = await store.certificates.list({ after: last.sha256, limit: pageSize });
    }
    return directory;
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

  putClient(client: ClientRecord): void {
    this.#clients.set(client.uuid, client);
    this.#uuidOfSlug.set(client.slug, client.uuid);
  }

  putCertificate(certificate: KnownCertificate): void {
    this.#certificates.set(certificate.sha256, certificate);
  }

  /** Forgets the client and its certificates. */
  removeClient(uuid: string): void {
    const client = this.#clients.get(uuid);
    if (client === undefined) return;
    this.#clients.delete(uuid);
    this.#uuidOfSlug.delete(client.slug);
    for (const [sha256, certificate] of this.#certificates) {
      if (certificate.clientUuid === uuid) this.#certificates.delete(sha256);
    }
  }

  findBySlug(slug: string): ClientRecord | null {
    const uuid = this.#uuidOfSlug.get(slug);
    return (uuid === undefined ? undefined : this.#clients.get(uuid)) ?? null;
  }

  /** In order of slug. */
  list(): readonly ClientRecord[] {
    return [...this.#clients.values()].sort((a, b) => (a.slug < b.slug ? -1 : 1));
  }

  counts(): { readonly total: number; readonly enabled: number } {
    let enabled = 0;
    for (const client of this.#clients.values()) if (client.enabled) enabled += 1;
    return { total: this.#clients.size, enabled };
  }

  /**
   * When the first of the enabled clients is left without a valid certificate, UTC milliseconds: of each client the
   * certificate that lasts longest counts. Those that have lapsed already do not; null when there is none.
   */
  soonestExpiry(now: number): number | null {
    const lastOf = new Map<string, number>();
    for (const { clientUuid, notAfter, revokedAt } of this.#certificates.values()) {
      if (revokedAt !== null || notAfter < now) continue;
      if (this.#clients.get(clientUuid)?.enabled !== true) continue;
      lastOf.set(clientUuid, Math.max(lastOf.get(clientUuid) ?? 0, notAfter));
    }
    let soonest: number | null = null;
    for (const notAfter of lastOf.values()) soonest = Math.min(soonest ?? notAfter, notAfter);
    return soonest;
  }

  /** A client's certificates, the newest last. */
  certificatesOf(uuid: string): readonly KnownCertificate[] {
    return [...this.#certificates.values()]
      .filter((certificate) => certificate.clientUuid === uuid)
      .sort((a, b) => a.notBefore - b.notBefore);
  }
}

function certificateFault(
  { revokedAt, notBefore, notAfter }: KnownCertificate,
  now: number,
): 'CERTIFICATE_REVOKED' | 'CERTIFICATE_NOT_YET_VALID' | 'CERTIFICATE_EXPIRED' | null {
  if (revokedAt !== null) return 'CERTIFICATE_REVOKED';
  if (now < notBefore) return 'CERTIFICATE_NOT_YET_VALID';
  // RFC 5280 §4.1.2.5: notAfter is the last second of validity.
  return now >= notAfter + 1_000 ? 'CERTIFICATE_EXPIRED' : null;
}

function clientFault(
  { enabled, expiresAt }: ClientRecord,
  now: number,
): 'CLIENT_DISABLED' | 'CLIENT_EXPIRED' | null {
  if (!enabled) return 'CLIENT_DISABLED';
  return expiresAt !== null && now >= expiresAt ? 'CLIENT_EXPIRED' : null;
}
