import { formatAddress, parseAddress } from '@masque-vpn/protocol';
import type { AccessRule } from '@masque-vpn/engine';
import type { Pools } from '../addressing/pools.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { RecentLoad } from '../load/recentLoad.js';
import type { Metrics } from '../metrics/metrics.js';
import type { PathQuality } from '../metrics/paths.js';
import type { SessionTraffic } from '../metrics/rows.js';
import type { AccessControl } from '../policy/access.js';
import type { PolicyBook } from '../policy/book.js';
import type { FlowLog } from '../policy/flowLog.js';
import type { Clock } from '../process/clock.js';
import type { NetworkState } from '../process/networkKeeper.js';
import { openOf } from '../sessions/livePolicy.js';
import type { OpenSessions } from '../sessions/openSessions.js';
import type { Session } from '../sessions/session.js';
import type { SessionTable } from '../sessions/table.js';
import type { ClientRecord } from '../store/clients.js';
import type { Repositories } from '../store/repositories.js';
import { StoreError } from '../store/storeError.js';
import type { Usage } from '../usage/usage.js';
import type { ConnectionFacts } from './connectionFacts.js';
import type { MeasuredSession, RateLimit, SpeedFacts } from './speedFacts.js';

export interface CollectorOptions {
  readonly directory: Pick<ClientDirectory, 'certificatesOf'>;
  readonly store: { readonly available: boolean } & Pick<
    Repositories,
    'enrolments' | 'sessionHistory' | 'clientTokens'
  >;
  /** Whether tokens are taken for certificates. */
  readonly takesTokens: boolean;
  readonly network: { readonly state: NetworkState };
  readonly pools: Pick<Pools, 'usage' | 'expire' | 'families' | 'occupantOf' | 'holdingsOf'>;
  readonly table: Pick<SessionTable, 'ofClient' | 'size'>;
  readonly openSessions: Pick<OpenSessions, 'ofClient'>;
  readonly accessControl: Pick<AccessControl, 'limitsOf' | 'rulesOf'>;
  readonly book: Pick<PolicyBook, 'groupsOf' | 'membersOf'>;
  readonly flows: Pick<FlowLog, 'list'>;
  readonly usage: Pick<Usage, 'measure' | 'monthBytes'>;
  readonly metrics: Pick<Metrics, 'read' | 'trafficOf' | 'pathsOf'>;
  readonly load: Pick<RecentLoad, 'read'>;
  readonly lastConnected: (clientUuid: string) => number | null;
  /** Of the configuration. */
  readonly quota: { readonly perClient: number; readonly max: number };
  readonly clock: Clock;
}

/** How long a client's traffic is watched, milliseconds. */
const watchMs = 1_000;

/** Refused requests and links that are read. */
const mostRefusals = 50;
const mostLinks = 10;

/** What the store knows of a client. */
type Recorded = Pick<ConnectionFacts, 'hasToken' | 'link' | 'refusals'> & { readonly isComplete: boolean };

/** Gathers what a diagnosis is made from. */
export class Collector {
  readonly #options: CollectorOptions;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  async connection(client: ClientRecord): Promise<ConnectionFacts> {
    const { directory, store, network, table, openSessions, accessControl, flows, quota, clock } =
      this.#options;
    const { uuid } = client;
    const nowMs = Math.trunc(clock.now());
    const { state } = network;
    const recorded = await this.#recorded(uuid);
    return {
      nowMs,
      client: { enabled: client.enabled, expiresAtMs: client.expiresAt },
      certificates: directory.certificatesOf(uuid).map((certificate) => ({
        notBeforeMs: certificate.notBefore,
        notAfterMs: certificate.notAfter,
        revokedAtMs: certificate.revokedAt,
      })),
      hasToken: recorded.hasToken,
      link: recorded.link,
      tunProblem: state.active ? null : state.problem,
      storeAvailable: store.available && recorded.isComplete,
      serverSessions: { open: table.size.placed, most: quota.max },
      ownSessions: {
        open: openSessions.ofClient(uuid).length,
        most: accessControl.limitsOf(uuid).maxSessions ?? quota.perClient,
      },
      quota: this.#quotaOf(uuid),
      ...this.#addresses(client, nowMs),
      refusals: recorded.refusals,
      lastConnectedAtMs: this.#options.lastConnected(uuid),
      isAllowedSomething: allowsSomething(accessControl.rulesOf(uuid)),
      refusedFlows: flows
        .list({ clientUuid: uuid, verdict: 'refused' })
        .filter(({ opened }) => opened === 'byPeer')
        .map(({ remoteAddress, protocol, port, count, lastAtMs }) => ({
          ...{ remoteAddress, protocol, port, count },
          lastAtMs: Math.trunc(lastAtMs),
        })),
    };
  }

  /** Watches the client's sessions for a second; at once where it has none. */
  async speed({ uuid }: ClientRecord): Promise<SpeedFacts> {
    const { load, clock } = this.#options;
    const sessions = this.#openOf(uuid);
    const limits = this.#limitsOf(uuid);
    const sharers = [...new Set(limits.flatMap(({ members }) => members))].flatMap((member) =>
      this.#openOf(member),
    );
    const watched = [...new Set([...sessions, ...sharers])];
    const before = this.#read(watched);
    const startedAt = clock.monotonic();
    if (sessions.length > 0) await new Promise<void>((resolve) => clock.after(watchMs, resolve));
    const after = this.#read(watched);
    const seconds = Math.max(0.001, (clock.monotonic() - startedAt) / 1_000);
    const measured = new Map(
      watched.map((session) => [session, measuredSession(session, before, after, seconds)] as const),
    );
    const { workersBusy, eventLoop } = load.read();
    const of = (session: Session): readonly MeasuredSession[] => {
      const found = measured.get(session);
      return found === undefined ? [] : [found];
    };
    return {
      sessions: sessions.flatMap(of),
      limits: limits.map(({ members, ...limit }): RateLimit => {
        const users = watched.filter(({ client }) => members.includes(client.uuid)).flatMap(of);
        const used = users.reduce((total, { rates }) => total + rates[limit.direction], 0);
        return { ...limit, usedBytesPerSecond: used };
      }),
      quota: this.#quotaOf(uuid),
      workersBusy,
      eventLoopP99Ms: eventLoop.p99Ms,
    };
  }

  /** What only the store knows; while it is lost, that is nothing. */
  async #recorded(clientUuid: string): Promise<Recorded> {
    const { store, takesTokens } = this.#options;
    try {
      const [links, refusals, tokens] = await Promise.all([
        store.enrolments.list({ clientUuid, limit: mostLinks }),
        store.sessionHistory.list({ clientUuid, state: 'refused', limit: mostRefusals }),
        takesTokens ? store.clientTokens.list({ clientUuid }) : [],
      ]);
      const link = links.find(({ redeemedAt, revokedAt }) => redeemedAt === null && revokedAt === null);
      return {
        isComplete: true,
        hasToken: tokens.some(({ revokedAt }) => revokedAt === null),
        link: link === undefined ? null : { expiresAtMs: link.expiresAt },
        refusals: refusals.flatMap(({ refusal, startedAt, remoteAddress }) =>
          refusal === null ? [] : [{ code: refusal, atMs: startedAt, remoteAddress }],
        ),
      };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { isComplete: false, hasToken: false, link: null, refusals: [] };
    }
  }

  #quotaOf(uuid: string): ConnectionFacts['quota'] {
    const { usage, accessControl } = this.#options;
    const { monthlyQuota } = accessControl.limitsOf(uuid);
    if (monthlyQuota === null) return null;
    usage.measure();
    return { usedBytes: usage.monthBytes(uuid), limitBytes: monthlyQuota };
  }

  #addresses(client: ClientRecord, nowMs: number): Pick<ConnectionFacts, 'exhausted' | 'resting'> {
    const { pools } = this.#options;
    pools.expire(nowMs);
    const { ipv4, ipv6 } = pools.usage();
    const own = pools.holdingsOf(client.uuid);
    const fixed = [client.fixedIpv4, client.fixedIpv6].flatMap((text) => {
      const address = text === null ? null : parseAddress(text);
      return address?.ok === true ? [address.value] : [];
    });
    // Whoever had an address before may have it again, and what is kept for somebody is no one else's.
    const hasOwn = (family: 4 | 6): boolean =>
      own.some(({ address }) => address.family === family) ||
      fixed.some((address) => address.family === family);
    return {
      exhausted: pools.families.filter(
        (family) => (family === 4 ? ipv4 : ipv6).available === 0 && !hasOwn(family),
      ),
      resting: fixed
        .filter((address) => ![null, client.uuid].includes(pools.occupantOf(address)))
        .map(formatAddress),
    };
  }

  /** Rates that hold for a client, and whose traffic counts in each. */
  #limitsOf(
    uuid: string,
  ): readonly (Omit<RateLimit, 'usedBytesPerSecond'> & { readonly members: readonly string[] })[] {
    const { accessControl, book } = this.#options;
    const { rateUp, rateDown } = accessControl.limitsOf(uuid);
    const rates = [
      { group: null, up: rateUp, down: rateDown, members: [uuid] },
      ...book.groupsOf(uuid).map((group) => ({
        group: group.slug,
        up: group.sharedRateUp,
        down: group.sharedRateDown,
        members: [...book.membersOf(group.uuid)],
      })),
    ];
    return rates.flatMap(({ group, members, ...rate }) =>
      (['up', 'down'] as const).flatMap((direction) => {
        const bytesPerSecond = rate[direction];
        return bytesPerSecond === null ? [] : [{ direction, group, bytesPerSecond, members }];
      }),
    );
  }

  /** On this server. */
  #openOf(uuid: string): readonly Session[] {
    return openOf(this.#options.table.ofClient(uuid)).map(({ session }) => session);
  }

  #read(sessions: readonly Session[]): Reading {
    const { metrics } = this.#options;
    metrics.read();
    return {
      traffic: new Map(sessions.map((session) => [session, metrics.trafficOf(session.id)])),
      paths: metrics.pathsOf(new Set(sessions.map(({ connectionId }) => connectionId))),
    };
  }
}

interface Reading {
  readonly traffic: ReadonlyMap<Session, SessionTraffic>;
  readonly paths: ReadonlyMap<number, PathQuality>;
}

function measuredSession(
  session: Session,
  before: Reading,
  after: Reading,
  seconds: number,
): MeasuredSession {
  const grown = (column: keyof SessionTraffic): number =>
    Math.max(0, (after.traffic.get(session)?.[column] ?? 0) - (before.traffic.get(session)?.[column] ?? 0));
  const path = after.paths.get(session.connectionId);
  return {
    rates: { up: grown('bytesReceived') / seconds, down: grown('bytesSent') / seconds },
    packets: { up: grown('packetsReceived'), down: grown('packetsSent') },
    drops: { up: grown('dropsReceiving'), down: grown('dropsSending') },
    rttMs: path?.rttMs ?? null,
    lossRatio: path?.lossRatio ?? null,
    pathMtu: path?.pathMtu ?? null,
    tunnelMtu: session.tunnelMtu,
  };
}

/** Whether some flow that the client opens could pass: an allowing rule that no denial of everything precedes. */
export function allowsSomething(rules: readonly AccessRule[]): boolean {
  for (const { action, opened, remote, protocol, ports } of rules) {
    if (opened !== 'byPeer') continue;
    if (action === 'allow') return true;
    if (remote.kind === 'any' && protocol === 0 && ports.length === 0) return false;
  }
  return false;
}
