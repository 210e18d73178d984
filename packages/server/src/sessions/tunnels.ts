import type { Engine, Forwarding } from '@masque-vpn/engine';
import {
  formatAddress,
  formatPrefix,
  formatRoute,
  type Capsule,
  type ProxyForwarding,
  type ProxyStep,
} from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Pools } from '../addressing/pools.js';
import type { Metrics } from '../metrics/metrics.js';
import type { AccessHold } from '../policy/access.js';
import type { OpenPhase, Session } from './session.js';

export interface TunnelOptions {
  readonly engine: Pick<Engine, 'update' | 'sendCapsules' | 'abort'>;
  readonly pools: Pick<Pools, 'gateway' | 'prefixes'>;
  readonly metrics: Pick<Metrics, 'capsuleRefused'>;
  readonly logger: Logger;
}

/** Carries the outputs of the protocol's state machine to the engine. */
export class Tunnels {
  readonly #options: TunnelOptions;
  /** What is the same for all sessions, written once: pools stay as they are while the server runs. */
  readonly #common: Pick<Forwarding, 'peers' | 'ownIpv4' | 'ownIpv6'>;

  constructor(options: TunnelOptions) {
    const { pools } = options;
    this.#options = options;
    this.#common = {
      peers: pools.prefixes.map(formatPrefix),
      ownIpv4: gatewayText(pools, 4),
      ownIpv6: gatewayText(pools, 6),
    };
  }

  /** Feeds the peer's capsules to the session's state machine and does what it says; returns what it said. */
  receive(session: Session, phase: OpenPhase, capsules: readonly Capsule[]): ProxyStep {
    const step = phase.proxy.receive(capsules);
    this.apply(session, phase, step);
    return step;
  }

  /** Does what the session's state machine says, in its order. */
  apply(session: Session, phase: OpenPhase, step: ProxyStep): void {
    const { engine, metrics, logger } = this.#options;
    if (step.forwarding !== null) this.#update(session, phase.policy.hold, step.forwarding);
    if (step.capsules.length > 0) engine.sendCapsules(session.id, step.capsules);
    if (step.abort === null) return;
    const { code: reason, rule, message: detail, httpErrorCode } = step.abort;
    session.endCause = 'CAPSULE_REFUSED';
    metrics.capsuleRefused();
    logger.warn({ ...namesOf(session), reason, rule, detail }, 'capsule refused');
    engine.abort(session.id, httpErrorCode);
  }

  /** The session is judged by something else from now on. */
  applyAccess(session: Session, phase: OpenPhase): void {
    this.#update(session, phase.policy.hold, phase.proxy.forwarding);
  }

  /** What the engine forwards for a session, as the engine takes it. */
  forwarding({ assigned, routes, behind }: ProxyForwarding, hold: AccessHold): Forwarding {
    return {
      role: 'proxy',
      assigned: assigned.map(formatPrefix),
      routes: routes.map(formatRoute),
      ...this.#common,
      behind: behind.map(formatPrefix),
      access: hold.access,
    };
  }

  #update(session: Session, hold: AccessHold, forwarding: ProxyForwarding): void {
    const { engine, logger } = this.#options;
    const updated = engine.update(session.id, this.forwarding(forwarding, hold));
    if (updated.ok) return;
    logger.error({ ...namesOf(session), err: updated.error }, 'forwarding was not updated');
  }
}

function gatewayText(pools: TunnelOptions['pools'], family: 4 | 6): string | null {
  const gateway = pools.gateway(family);
  return gateway === null ? null : formatAddress(gateway);
}

function namesOf(session: Session): { readonly sessionId: string; readonly clientId: string } {
  return { sessionId: session.uuid, clientId: session.client.slug };
}
