import type { Engine, Forwarding } from '@masque-vpn/engine';
import {
  formatAddress,
  formatPrefix,
  formatRoute,
  type Capsule,
  type ProxyForwarding,
  type ProxySession,
} from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Pools } from '../addressing/pools.js';
import type { Metrics } from '../metrics/metrics.js';
import type { Session } from './session.js';

export interface TunnelOptions {
  readonly engine: Pick<Engine, 'update' | 'sendCapsules' | 'abort'>;
  readonly pools: Pick<Pools, 'gateway' | 'prefixes'>;
  readonly metrics: Pick<Metrics, 'capsuleRefused'>;
  readonly logger: Logger;
}

/** Carries the outputs of the protocol's state machine to the engine. */
export class Tunnels {
  readonly #options: TunnelOptions;

  constructor(options: TunnelOptions) {
    this.#options = options;
  }

  /** Feeds the peer's capsules to the session's state machine and does what it says, in its order. */
  receive(session: Session, proxy: ProxySession, capsules: readonly Capsule[]): void {
    const { engine, metrics, logger } = this.#options;
    const step = proxy.receive(capsules);
    const names = { sessionId: session.uuid, clientId: session.client.slug };
    if (step.forwarding !== null) {
      const updated = engine.update(session.id, this.forwarding(step.forwarding));
      if (!updated.ok) logger.error({ ...names, err: updated.error }, 'forwarding was not updated');
    }
    if (step.capsules.length > 0) engine.sendCapsules(session.id, step.capsules);
    if (step.abort === null) return;
    const { code: reason, rule, message: detail, httpErrorCode } = step.abort;
    session.endCause = 'CAPSULE_REFUSED';
    metrics.capsuleRefused();
    logger.warn({ ...names, reason, rule, detail }, 'capsule refused');
    engine.abort(session.id, httpErrorCode);
  }

  /** What the engine forwards for a session, as the engine takes it. */
  forwarding({ assigned, routes }: ProxyForwarding): Forwarding {
    return {
      role: 'proxy',
      assigned: assigned.map(formatPrefix),
      routes: routes.map(formatRoute),
      peers: this.#options.pools.prefixes.map(formatPrefix),
      ownIpv4: this.#gateway(4),
      ownIpv6: this.#gateway(6),
    };
  }

  #gateway(family: 4 | 6): string | null {
    const gateway = this.#options.pools.gateway(family);
    return gateway === null ? null : formatAddress(gateway);
  }
}
