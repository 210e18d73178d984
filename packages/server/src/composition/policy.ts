import type { Engine, FlowSample } from '@masque-vpn/engine';
import { parseAddress, prefixRange } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Pools } from '../addressing/pools.js';
import type { ResolveName } from '../admission/nameResolution.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { ServerConfig } from '../config/config.js';
import type { Publisher } from '../events/feed.js';
import { AccessControl } from '../policy/access.js';
import type { PolicyBook } from '../policy/book.js';
import { FlowLog } from '../policy/flowLog.js';
import { PolicyKeeper } from '../policy/keeper.js';
import { Labels } from '../policy/labels.js';
import { Meters } from '../policy/meters.js';
import { RuleNames } from '../policy/names.js';
import { RuleSets } from '../policy/ruleSets.js';
import type { Clock } from '../process/clock.js';
import type { LivePolicy } from '../sessions/livePolicy.js';
import type { SessionTable } from '../sessions/table.js';
import type { ClientRecord } from '../store/clients.js';
import type { Store } from '../store/store.js';

export interface PolicyParts {
  readonly config: ServerConfig;
  readonly engine: Engine;
  readonly store: Pick<Store, 'changes'>;
  readonly directory: ClientDirectory;
  readonly book: PolicyBook;
  readonly pools: Pick<Pools, 'reserve'>;
  readonly resolveName: ResolveName;
  readonly feed: Publisher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Made after the policy, as sessions need both. */
  readonly live: () => Pick<LivePolicy, 'follow' | 'followAll'>;
}

/** What is allowed, in memory. */
export interface Policy {
  readonly book: PolicyBook;
  readonly names: RuleNames;
  readonly accessControl: AccessControl;
  readonly keeper: PolicyKeeper;
  readonly flows: FlowLog;
  readonly feed: Publisher;
}

export function composePolicy(parts: PolicyParts): Policy {
  const { config, engine, store, directory, book, clock, logger, live } = parts;
  const names = new RuleNames({
    resolve: parts.resolveName,
    clock,
    logger,
    onChange: () => void live().followAll(),
  });
  const accessControl = new AccessControl({
    book,
    limitsOf: (clientUuid) => directory.findByUuid(clientUuid),
    labels: new Labels(),
    names,
    ruleSets: new RuleSets(engine, logger),
    meters: new Meters(engine, logger),
    serverRoutes: config.routes.advertise.map((prefix) => ({ range: prefixRange(prefix), protocol: 0 })),
  });
  const keeper = new PolicyKeeper({
    book,
    names,
    changes: store.changes,
    follow: async (clientUuid) => {
      if (clientUuid === null) await live().followAll();
      else live().follow(clientUuid);
    },
    clock,
    logger,
  });
  keeper.namesChanged();
  const flows = new FlowLog();
  for (const client of directory.all()) keepAddresses(parts.pools, client);
  directory.listen({
    // Its limits, whoever changed them; what else changes of a client is told to the keeper.
    put: (client) => {
      keepAddresses(parts.pools, client);
      live().follow(client.uuid);
    },
    removed: ({ uuid }) => {
      parts.pools.reserve(uuid, []);
      keeper.clientRemoved(uuid);
      flows.forget(uuid);
    },
  });
  return { book, names, accessControl, keeper, flows, feed: parts.feed };
}

/** Nobody else gets a client's fixed addresses, from its next session on it does. */
function keepAddresses(pools: Pick<Pools, 'reserve'>, client: ClientRecord): void {
  const fixed = [client.fixedIpv4, client.fixedIpv6].flatMap((text) => text ?? []);
  pools.reserve(
    client.uuid,
    fixed.flatMap((text) => {
      const address = parseAddress(text);
      return address.ok ? [address.value] : [];
    }),
  );
}

/** Notes what the engine sampled, and tells whoever listens. */
export function recordFlows(
  samples: readonly FlowSample[],
  { flows, feed }: Pick<Policy, 'flows' | 'feed'>,
  table: Pick<SessionTable, 'find' | 'holderOf'>,
): void {
  for (const sample of samples) {
    const session = table.find(sample.sessionId);
    if (session === null) continue;
    const { source, destination, opened } = sample;
    const fromClient = opened === 'byPeer';
    const remoteAddress = fromClient ? destination : source;
    const { uuid: clientUuid, slug: clientId } = session.client;
    const ends = { clientAddress: fromClient ? source : destination, remoteAddress };
    const { verdict, ruleId: ruleNumber, protocol, destinationPort: port, atMs } = sample;
    const remoteClient = table.holderOf(remoteAddress)?.client ?? null;
    const what = { opened, verdict, ruleNumber, ...ends, protocol, port };
    flows.record({ clientUuid, remoteClientUuid: remoteClient?.uuid ?? null, ...what, atMs });
    feed.publish({
      topic: 'flows',
      type: `flow.${verdict}`,
      clientId,
      sessionId: session.uuid,
      data: {
        direction: fromClient ? 'fromClient' : 'toClient',
        ruleNumber,
        ...ends,
        remoteClientId: remoteClient?.slug ?? null,
        protocol,
        port,
      },
    });
  }
}
