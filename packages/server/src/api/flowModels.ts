import { ok, type Result } from '@masque-vpn/protocol';
import type { ClientDirectory } from '../clients/directory.js';
import type { PolicyBook } from '../policy/book.js';
import { clientMissing, type PolicyFailure } from '../policy/failure.js';
import type { FlowLog, LoggedFlow } from '../policy/flowLog.js';
import type { FlowModel, FlowQuery } from './models/flow.js';
import { protocolModel } from './models/network.js';
import type { Page } from './page.js';

export interface FlowModelsOptions {
  readonly flows: Pick<FlowLog, 'list'>;
  readonly book: Pick<PolicyBook, 'rules'>;
  readonly directory: Pick<ClientDirectory, 'findByUuid' | 'findBySlug'>;
}

/** Sampled flows as the API shows them. */
export class FlowModels {
  readonly #options: FlowModelsOptions;

  constructor(options: FlowModelsOptions) {
    this.#options = options;
  }

  /** The latest first; one page, as all of it changes all the time. Code: CLIENT_NOT_FOUND. */
  list({ client, verdict, limit }: FlowQuery): Result<Page<FlowModel>, PolicyFailure> {
    const { flows, directory } = this.#options;
    const owner = client === undefined ? null : directory.findBySlug(client);
    if (client !== undefined && owner === null) return clientMissing(client);
    const found = flows.list({
      ...(owner === null ? {} : { clientUuid: owner.uuid }),
      ...(verdict === undefined ? {} : { verdict }),
    });
    return ok({ items: found.slice(0, limit).map((flow) => this.model(flow)), nextCursor: null });
  }

  model(flow: LoggedFlow): FlowModel {
    const rule = this.#options.book.rules.find(({ number }) => number === flow.ruleNumber);
    return {
      clientId: this.#slugOf(flow.clientUuid) ?? 'deleted',
      direction: flow.opened === 'byPeer' ? 'fromClient' : 'toClient',
      verdict: flow.verdict,
      ruleId: rule?.uuid ?? null,
      ruleNumber: flow.ruleNumber,
      clientAddress: flow.clientAddress,
      remoteAddress: flow.remoteAddress,
      remoteClientId: flow.remoteClientUuid === null ? null : this.#slugOf(flow.remoteClientUuid),
      protocol: protocolModel(flow.protocol),
      port: flow.port,
      count: flow.count,
      firstAtMs: Math.trunc(flow.firstAtMs),
      lastAtMs: Math.trunc(flow.lastAtMs),
    };
  }

  #slugOf(clientUuid: string): string | null {
    return this.#options.directory.findByUuid(clientUuid)?.slug ?? null;
  }
}
