import { parsePrefix, prefixesEqual, type Prefix } from '@masque-vpn/protocol';
import type { AccessControl } from '../policy/access.js';
import type { PolicyBook } from '../policy/book.js';
import type { OpenPhase, Session } from './session.js';
import type { SessionTable } from './table.js';
import type { Tunnels } from './tunnels.js';

export interface LivePolicyOptions {
  readonly table: SessionTable;
  readonly tunnels: Pick<Tunnels, 'apply' | 'applyAccess'>;
  readonly accessControl: Pick<AccessControl, 'follow' | 'routesOf' | 'dnsOf'>;
  readonly book: Pick<PolicyBook, 'prefixes' | 'prefixesOf'>;
  /** Where a client is, or what is behind it, may be another: the host's routes and forwards follow. */
  readonly onReachChange: () => void;
}

interface OpenSession {
  readonly session: Session;
  readonly phase: OpenPhase;
}

/** Has live sessions follow the policy: nobody is cut off but the flows that may not be any more. */
export class LivePolicy {
  readonly #options: LivePolicyOptions;

  constructor(options: LivePolicyOptions) {
    this.#options = options;
  }

  /** The policy is another: rules, members, limits, routes, prefixes. */
  followAll(): void {
    this.#follow(this.#options.table.placed());
  }

  /** What one client has of the policy is another. */
  follow(clientUuid: string): void {
    const sessions = this.#options.table.ofClient(clientUuid);
    if (sessions.length > 0) this.#follow(sessions);
  }

  /** A session was admitted. */
  opened(session: Session): void {
    this.#options.onReachChange();
    if (session.phase.name === 'open') this.#followRoutes(session, session.phase);
  }

  /** A client said what is behind it, or that it is there no more. */
  offered(session: Session): void {
    this.#shareBehind(session.client.uuid);
    this.#options.onReachChange();
  }

  /** A session gave back what it held, and the engine was told. */
  gone(session: Session): void {
    this.#shareBehind(session.client.uuid);
    this.#options.onReachChange();
  }

  #follow(sessions: readonly Session[]): void {
    const { tunnels, accessControl } = this.#options;
    const open = openOf(sessions);
    accessControl.follow(
      open.map(({ phase }) => phase.policy.hold),
      (index, hold) => {
        const told = open[index];
        if (told === undefined) return;
        told.phase.policy.hold = hold;
        tunnels.applyAccess(told.session, told.phase);
      },
    );
    for (const { session, phase } of open) {
      this.#followRoutes(session, phase);
      this.#followDns(session, phase);
    }
    const offering = open.filter(({ phase }) => phase.proxy.offer.routes.length > 0);
    for (const clientUuid of new Set(offering.map(({ session }) => session.client.uuid))) {
      this.#shareBehind(clientUuid);
    }
    this.#options.onReachChange();
  }

  /** It may have changed while the session was being decided. */
  #followRoutes(session: Session, phase: OpenPhase): void {
    const { accessControl, tunnels } = this.#options;
    const advertised = accessControl.routesOf(session.client.uuid);
    if (advertised === phase.policy.advertised) return;
    phase.policy.advertised = advertised;
    tunnels.apply(session, phase, phase.proxy.updateRoutes(phase.policy.narrow(advertised)));
  }

  /** After the routes: they lead to its servers. */
  #followDns(session: Session, phase: OpenPhase): void {
    if (!phase.policy.takesDns) return;
    const { accessControl, tunnels } = this.#options;
    tunnels.apply(session, phase, phase.proxy.updateDns(accessControl.dnsOf(session.client.uuid)));
  }

  /** What a client has behind it belongs to the newest of its sessions that offers anything; first it is taken away. */
  #shareBehind(clientUuid: string): void {
    const { book, table, tunnels } = this.#options;
    const granted = book.prefixesOf(clientUuid).flatMap(({ prefix }): Prefix[] => {
      const parsed = parsePrefix(prefix);
      return parsed.ok ? [parsed.value] : [];
    });
    const open = openOf(table.ofClient(clientUuid));
    const holder = open.findLast(({ phase }) => phase.proxy.offer.routes.length > 0);
    for (const { session, phase } of open) {
      if (session !== holder?.session) tunnels.apply(session, phase, phase.proxy.updateBehind([]));
    }
    if (holder === undefined) return;
    tunnels.apply(holder.session, holder.phase, holder.phase.proxy.updateBehind(granted));
  }
}

/** What is reached behind clients now. */
export function behindNow(table: SessionTable, book: Pick<PolicyBook, 'prefixes'>): readonly Prefix[] {
  const found: Prefix[] = [];
  for (const clientUuid of new Set(book.prefixes.map((grant) => grant.clientUuid))) {
    for (const { phase } of openOf(table.ofClient(clientUuid))) {
      const fresh = phase.proxy.forwarding.behind.filter(
        (prefix) => !found.some((known) => prefixesEqual(known, prefix)),
      );
      found.push(...fresh);
    }
  }
  return found;
}

/** Sessions that are open, the oldest first. */
export function openOf(sessions: readonly Session[]): readonly OpenSession[] {
  return sessions.flatMap((session) =>
    session.phase.name === 'open' ? [{ session, phase: session.phase }] : [],
  );
}
