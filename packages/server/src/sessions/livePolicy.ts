import { parsePrefix, prefixesEqual, type Prefix } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { AccessControl, SharedWork } from '../policy/access.js';
import type { PolicyBook } from '../policy/book.js';
import type { Clock } from '../process/clock.js';
import type { OpenPhase, Session } from './session.js';
import type { SessionTable } from './table.js';
import type { Tunnels } from './tunnels.js';

export interface LivePolicyOptions {
  readonly table: SessionTable;
  readonly tunnels: Pick<Tunnels, 'apply' | 'applyAccess'>;
  readonly accessControl: Pick<AccessControl, 'beginFollowing' | 'follow' | 'routesOf' | 'dnsOf'>;
  readonly book: Pick<PolicyBook, 'prefixes' | 'prefixesOf'>;
  /** Where a client is, or what is behind it, may be another: the host's routes and forwards follow. */
  readonly onReachChange: () => void;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly logger: Logger;
}

/** After this long everything else gets its turn, milliseconds. */
const sliceMs = 10;

/** A change that live sessions follow, slice by slice. */
interface Pass {
  /** Who does not yet follow. */
  pending: Set<Session>;
  shared: SharedWork;
  /** Called when everybody does. */
  readonly waiting: (() => void)[];
}

interface OpenSession {
  readonly session: Session;
  readonly phase: OpenPhase;
}

/**
 * Has live sessions follow the policy: nobody is cut off but the flows that may not be any more. One session follows as
 * a whole; of many, some follow in this turn of the event loop and the others in the next ones.
 */
export class LivePolicy {
  readonly #options: LivePolicyOptions;
  #pass: Pass | null = null;

  constructor(options: LivePolicyOptions) {
    this.#options = options;
  }

  /**
   * The policy is another: rules, members, limits, routes, prefixes. Resolves when every session follows; the next
   * change while some do not yet begins with those, so that changes that come often leave nobody behind.
   */
  followAll(): Promise<void> {
    const { table, accessControl } = this.#options;
    const placed = table.placed();
    const shared = accessControl.beginFollowing(openOf(placed).map(({ phase }) => phase.policy.hold));
    return new Promise((resolve) => {
      if (this.#pass === null) {
        this.#pass = { pending: new Set(placed), shared, waiting: [resolve] };
        this.#followSome(this.#pass);
        return;
      }
      this.#pass.pending = new Set([...this.#pass.pending, ...placed]);
      this.#pass.shared = shared;
      this.#pass.waiting.push(resolve);
    });
  }

  /** What one client has of the policy is another. */
  follow(clientUuid: string): void {
    const { table, accessControl, onReachChange } = this.#options;
    const sessions = table.ofClient(clientUuid);
    if (sessions.length === 0) return;
    const shared = accessControl.beginFollowing(openOf(sessions).map(({ phase }) => phase.policy.hold));
    for (const session of sessions) this.#followOne(session, shared);
    onReachChange();
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

  #followSome(pass: Pass): void {
    const { clock } = this.#options;
    const endMs = clock.monotonic() + sliceMs;
    for (const session of pass.pending) {
      pass.pending.delete(session);
      this.#followOne(session, pass.shared);
      if (clock.monotonic() >= endMs) break;
    }
    if (pass.pending.size > 0) {
      clock.after(0, () => this.#followSome(pass));
      return;
    }
    this.#pass = null;
    this.#options.onReachChange();
    for (const followed of pass.waiting) followed();
  }

  /** A bug with one session does not cost the next. */
  #followOne(session: Session, shared: SharedWork): void {
    const { tunnels, accessControl, logger } = this.#options;
    const { phase } = session;
    if (phase.name !== 'open') return;
    try {
      accessControl.follow(phase.policy.hold, shared, (hold) => {
        phase.policy.hold = hold;
        tunnels.applyAccess(session, phase);
      });
      this.#followRoutes(session, phase);
      this.#followDns(session, phase);
      if (phase.proxy.offer.routes.length > 0) this.#shareBehind(session.client.uuid);
    } catch (error) {
      logger.error({ err: error, sessionId: session.uuid }, 'a session does not follow the policy');
    }
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
