import { formatPrefix, ok, type Prefix, type Result } from '@masque-vpn/protocol';
import type { Actor, By } from '../audit/actor.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { PolicyBook } from '../policy/book.js';
import type { ClientPrefixes } from '../policy/clientPrefixes.js';
import { clientMissing, type PolicyFailure } from '../policy/failure.js';
import type { PortForwardDraft, PortForwards } from '../policy/portForwards.js';
import type { ClientPrefixRecord, PortForwardRecord } from '../store/reach.js';
import { protocolNumber } from './models/network.js';
import type {
  AllClientPrefixesModel,
  ClientPrefixModel,
  NewPortForwardModel,
  PortForwardChangeModel,
  PortForwardModel,
} from './models/portForward.js';

export interface ReachAdministrationOptions {
  readonly forwards: PortForwards;
  readonly prefixes: ClientPrefixes;
  readonly book: PolicyBook;
  readonly directory: Pick<ClientDirectory, 'findByUuid' | 'findBySlug'>;
  /** Inner addresses that forwards to the client lead to now. */
  readonly addressesOf: (clientUuid: string) => readonly string[];
  /** What is reached behind clients now. */
  readonly behindNow: () => readonly Prefix[];
}

/** How clients are reached from outside, as the API shows and changes it. What changes it throws `StoreError`. */
export class ReachAdministration {
  readonly #options: ReachAdministrationOptions;

  constructor(options: ReachAdministrationOptions) {
    this.#options = options;
  }

  listForwards(): { items: PortForwardModel[]; nextCursor: null } {
    const items = this.#options.book.forwards.map((forward) => this.#model(forward));
    return { items, nextCursor: null };
  }

  /** Code: PORT_FORWARD_NOT_FOUND. */
  findForward(id: string): Result<PortForwardModel, PolicyFailure> {
    const forward = this.#options.book.forwards.find(({ uuid }) => uuid === id);
    if (forward !== undefined) return ok(this.#model(forward));
    const message = `there is no port forward ${id}`;
    return { ok: false, error: { code: 'PORT_FORWARD_NOT_FOUND', message } };
  }

  /** Codes: see `PortForwards.create`. */
  async createForward(
    { clientId, protocol, ...body }: NewPortForwardModel,
    actor: Actor,
  ): Promise<Result<PortForwardModel, PolicyFailure>> {
    const draft = { ...body, clientSlug: clientId, protocol: numberOf(protocol) };
    const created = await this.#options.forwards.create(draft, actor);
    return created.ok ? ok(this.#model(created.value)) : created;
  }

  /** Codes: see `PortForwards.change`. */
  async changeForward(
    id: string,
    body: PortForwardChangeModel,
    by: By,
  ): Promise<Result<PortForwardModel, PolicyFailure>> {
    const changed = await this.#options.forwards.change(id, partOf(body), by);
    return changed.ok ? ok(this.#model(changed.value)) : changed;
  }

  /** Codes: see `PortForwards.remove`. */
  removeForward(id: string, by: By): Promise<Result<void, PolicyFailure>> {
    return this.#options.forwards.remove(id, by);
  }

  /** Those of every client. */
  listAllPrefixes(): AllClientPrefixesModel {
    const { directory, book } = this.#options;
    const items = book.prefixes.map((grant) => {
      const clientId = directory.findByUuid(grant.clientUuid)?.slug ?? 'deleted';
      return { ...this.#prefixModel(grant), clientId };
    });
    return { items, nextCursor: null };
  }

  /** Code: CLIENT_NOT_FOUND. */
  listPrefixes(clientId: string): Result<{ items: ClientPrefixModel[]; nextCursor: null }, PolicyFailure> {
    const { directory, book } = this.#options;
    const client = directory.findBySlug(clientId);
    if (client === null) return clientMissing(clientId);
    const items = book.prefixesOf(client.uuid).map((grant) => this.#prefixModel(grant));
    return ok({ items, nextCursor: null });
  }

  /** Codes: see `ClientPrefixes.grant`. */
  async grantPrefix(
    clientId: string,
    prefix: string,
    actor: Actor,
  ): Promise<Result<ClientPrefixModel, PolicyFailure>> {
    const granted = await this.#options.prefixes.grant(clientId, prefix, actor);
    return granted.ok ? ok(this.#prefixModel(granted.value)) : granted;
  }

  /** Codes: see `ClientPrefixes.remove`. */
  removePrefix(clientId: string, id: string, actor: Actor): Promise<Result<void, PolicyFailure>> {
    return this.#options.prefixes.remove(clientId, id, actor);
  }

  #model(forward: PortForwardRecord): PortForwardModel {
    const { directory, addressesOf } = this.#options;
    return {
      id: forward.uuid,
      enabled: forward.enabled,
      protocol: forward.protocol === 6 ? 'tcp' : 'udp',
      publicPort: forward.publicPort,
      clientId: directory.findByUuid(forward.clientUuid)?.slug ?? 'deleted',
      clientPort: forward.clientPort,
      sources: [...forward.sources],
      note: forward.note,
      addresses: forward.enabled ? [...addressesOf(forward.clientUuid)] : [],
      createdAtMs: forward.createdAt,
      updatedAtMs: forward.updatedAt,
      version: forward.version,
    };
  }

  #prefixModel({ uuid, prefix, createdAt }: ClientPrefixRecord): ClientPrefixModel {
    const active = this.#options.behindNow().some((known) => formatPrefix(known) === prefix);
    return { id: uuid, prefix, active, createdAtMs: createdAt };
  }
}

function numberOf(protocol: 'tcp' | 'udp'): 6 | 17 {
  return protocolNumber(protocol) === 6 ? 6 : 17;
}

function partOf({ clientId, protocol, ...rest }: PortForwardChangeModel): Partial<PortForwardDraft> {
  const part = {
    ...rest,
    clientSlug: clientId,
    protocol: protocol === undefined ? undefined : numberOf(protocol),
  };
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
}
