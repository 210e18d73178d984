import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { CertificateAuthority } from '../pki/authority.js';
import type { IssuedCertificate } from '../pki/issuing.js';
import type { PkiErrorCode } from '../pki/pkiError.js';
import type { Clock } from '../process/clock.js';
import type { ClientRecord } from '../store/clients.js';
import type { Store } from '../store/store.js';
import type { ClientDirectory } from './directory.js';

/** Why a client was not created or changed. */
export interface ClientFailure {
  readonly code: 'CLIENT_EXISTS' | 'CLIENT_NOT_FOUND' | PkiErrorCode;
  readonly message: string;
}

export interface ClientsOptions {
  readonly store: Pick<Store, 'clients' | 'certificates'>;
  readonly directory: ClientDirectory;
  readonly authority: CertificateAuthority;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the client's open sessions at once; returns how many there were. */
  readonly endSessions: (clientUuid: string, cause: 'CLIENT_DISABLED' | 'CLIENT_DELETED') => number;
}

/** Creates, changes and deletes clients: first in the store, then in memory, then for their open sessions. */
export class Clients {
  readonly #options: ClientsOptions;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /**
   * Creates a client and certifies the key of its CSR. Codes: CLIENT_EXISTS, PKI_BAD_CSR, PKI_BAD_SIGNATURE,
   * PKI_WEAK_KEY. Throws `StoreError`.
   */
  async create(request: {
    readonly slug: string;
    readonly csrPem: string;
  }): Promise<Result<{ client: ClientRecord; certificate: IssuedCertificate }, ClientFailure>> {
    const { store, directory, authority, clock, logger } = this.#options;
    const { slug, csrPem } = request;
    if (directory.findBySlug(slug) !== null) return exists(slug);
    const now = Math.trunc(clock.now());
    const issued = await authority.issueClientCertificate({ csrPem, clientId: slug, now });
    if (!issued.ok) return issued;
    const client = await store.clients.create({ slug, now });
    if (client === null) return exists(slug);
    const certificate = issued.value;
    try {
      await store.certificates.insert({ ...certificate, clientUuid: client.uuid, createdAt: now });
    } catch (error) {
      // Without a certificate the client could never connect, and its name would be taken.
      await store.clients.delete(client.uuid).catch(() => false);
      throw error;
    }
    directory.putClient(client);
    directory.putCertificate({ ...certificate, clientUuid: client.uuid, revokedAt: null });
    logger.info({ clientId: slug, certificateSha256: certificate.sha256 }, 'client created');
    return ok({ client, certificate });
  }

  /** Lets a client in, or ends its sessions and keeps it out. Code: CLIENT_NOT_FOUND. Throws `StoreError`. */
  async setEnabled(slug: string, enabled: boolean): Promise<Result<ClientRecord, ClientFailure>> {
    const { store, directory, clock, logger } = this.#options;
    const known = directory.findBySlug(slug);
    const client =
      known === null
        ? null
        : await store.clients.update(known.uuid, { enabled }, { now: clock.now(), version: null });
    if (client === null) return notFound(slug);
    directory.putClient(client);
    const sessionsEnded = enabled ? 0 : this.#options.endSessions(client.uuid, 'CLIENT_DISABLED');
    logger.info({ clientId: slug, sessionsEnded }, enabled ? 'client enabled' : 'client disabled');
    return ok(client);
  }

  /** Ends a client's sessions and forgets it with its certificates. Code: CLIENT_NOT_FOUND. Throws `StoreError`. */
  async remove(slug: string): Promise<Result<void, ClientFailure>> {
    const { store, directory, logger } = this.#options;
    const known = directory.findBySlug(slug);
    if (known === null || !(await store.clients.delete(known.uuid))) return notFound(slug);
    directory.removeClient(known.uuid);
    const sessionsEnded = this.#options.endSessions(known.uuid, 'CLIENT_DELETED');
    logger.info({ clientId: slug, sessionsEnded }, 'client deleted');
    return ok(undefined);
  }
}

function exists(slug: string): { readonly ok: false; readonly error: ClientFailure } {
  return fail({ code: 'CLIENT_EXISTS', message: `there is a client "${slug}" already` });
}

function notFound(slug: string): { readonly ok: false; readonly error: ClientFailure } {
  return fail({ code: 'CLIENT_NOT_FOUND', message: `there is no client "${slug}"` });
}
