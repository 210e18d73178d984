import { formatAddress, ok, type Result } from '@masque-vpn/protocol';
import type { ClientFailure, Clients } from '../clients/clients.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { SessionTable } from '../sessions/table.js';
import type { ClientRecord } from '../store/clients.js';
import type { LeaseRepository } from '../store/leases.js';
import type { ClientModel, CreatedClientModel, NewClientModel } from './models/client.js';

export interface ClientAdministrationOptions {
  readonly clients: Clients;
  readonly directory: ClientDirectory;
  readonly sessions: Pick<SessionTable, 'ofClient'>;
  readonly leases: Pick<LeaseRepository, 'listByClient'>;
  /** What a profile holds besides the certificate; `host` replaces the configured one. */
  readonly endpoint: (host: string | null) => {
    readonly caPem: string;
    readonly url: string;
    readonly addressHints: readonly string[];
  };
}

/** Clients as the API shows and changes them. Every method throws `StoreError` when the store is lost. */
export class ClientAdministration {
  readonly #options: ClientAdministrationOptions;

  constructor(options: ClientAdministrationOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly ClientModel[]> {
    return Promise.all(this.#options.directory.list().map((client) => this.#model(client)));
  }

  /** Code: CLIENT_NOT_FOUND. */
  async find(id: string): Promise<Result<ClientModel, ClientFailure>> {
    const client = this.#options.directory.findBySlug(id);
    if (client !== null) return ok(await this.#model(client));
    return { ok: false, error: { code: 'CLIENT_NOT_FOUND', message: `there is no client "${id}"` } };
  }

  /** Codes: CLIENT_EXISTS, PKI_BAD_CSR, PKI_BAD_SIGNATURE, PKI_WEAK_KEY. */
  async create(request: NewClientModel): Promise<Result<CreatedClientModel, ClientFailure>> {
    const created = await this.#options.clients.create({ slug: request.name, csrPem: request.csrPem });
    if (!created.ok) return created;
    const { caPem, url, addressHints } = this.#options.endpoint(request.host ?? null);
    return ok({
      client: await this.#model(created.value.client),
      certificatePem: created.value.certificate.pem,
      caPem,
      url,
      addressHints: [...addressHints],
    });
  }

  /** Code: CLIENT_NOT_FOUND. */
  async setEnabled(id: string, enabled: boolean): Promise<Result<ClientModel, ClientFailure>> {
    const changed = await this.#options.clients.setEnabled(id, enabled);
    return changed.ok ? ok(await this.#model(changed.value)) : changed;
  }

  /** Code: CLIENT_NOT_FOUND. */
  remove(id: string): Promise<Result<void, ClientFailure>> {
    return this.#options.clients.remove(id);
  }

  async #model(client: ClientRecord): Promise<ClientModel> {
    const { sessions, leases, directory } = this.#options;
    const open = sessions
      .ofClient(client.uuid)
      .flatMap(({ phase }) => (phase.name === 'open' ? [phase] : []));
    const held = open.flatMap((phase) => phase.leases.map(({ address }) => formatAddress(address)));
    const last = open.length > 0 ? [] : await leases.listByClient(client.uuid);
    return {
      id: client.slug,
      enabled: client.enabled,
      createdAtMs: client.createdAt,
      addresses: open.length > 0 ? held : last.map(({ address }) => address),
      openSessions: open.length,
      certificates: directory
        .certificatesOf(client.uuid)
        .map(({ sha256, notBefore, notAfter }) => ({ sha256, notBeforeMs: notBefore, notAfterMs: notAfter })),
    };
  }
}
