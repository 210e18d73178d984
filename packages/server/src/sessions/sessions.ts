import type { Engine, EngineEvent, SessionCloseCause } from '@masque-vpn/engine';
import { HttpError } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { RequestEvent } from '../admission/admission.js';
import type { Metrics } from '../metrics/metrics.js';
import type { SessionTraffic } from '../metrics/rows.js';
import type { Clock } from '../process/clock.js';
import type { HistoryRecorder } from './historyRecorder.js';
import type { LivePolicy } from './livePolicy.js';
import type { SessionObserver } from './observer.js';
import type { Places } from './places.js';
import type { Requests } from './requests.js';
import type { AccessEndCause, EndCause, Session } from './session.js';
import type { SessionTable } from './table.js';
import type { Tunnels } from './tunnels.js';

/** Time for a client whose sessions were ended to ask again and learn from the refusal why, milliseconds. */
const farewellMs = 2_000;

type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { type: Type }>;

export interface SessionsOptions {
  readonly engine: Pick<Engine, 'finish' | 'closeConnection'>;
  readonly requests: Requests;
  readonly tunnels: Tunnels;
  readonly livePolicy: Pick<LivePolicy, 'offered' | 'gone'>;
  readonly places: Places;
  readonly metrics: Metrics;
  readonly history: HistoryRecorder;
  readonly observer: Required<SessionObserver>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Leads every session from its request to its record. Fed with the engine's events, in their order. */
export class Sessions {
  readonly #options: SessionsOptions;
  #onEmpty: (() => void) | null = null;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get table(): SessionTable {
    return this.#options.places.table;
  }

  requested(event: RequestEvent): void {
    this.#options.requests.take(event);
  }

  /** Capsules of the peer. */
  received({ sessionId, capsules }: EventOf<'capsules'>): void {
    const session = this.table.find(sessionId);
    if (session?.phase.name === 'open') {
      const step = this.#options.tunnels.receive(session, session.phase, capsules);
      if (step.offer !== null) this.#options.livePolicy.offered(session);
    }
  }

  /** A session is over, whoever ended it; also the last word on a refused request. */
  closed({ sessionId, cause, code }: EventOf<'sessionClosed'>): void {
    const { places, livePolicy, metrics, clock } = this.#options;
    const session = this.table.find(sessionId);
    if (session === null) {
      metrics.ended(sessionId, cause, () => undefined);
      return;
    }
    if (session.phase.name === 'deciding') metrics.abandoned(session.receivedAtMs);
    const admitted = places.vacate(session);
    this.table.remove(session);
    if (admitted) livePolicy.gone(session);
    const endedAt = Math.trunc(clock.now());
    if (admitted && session.accessLostAtMs !== null) {
      metrics.accessEnded((clock.now() - session.accessLostAtMs) / 1_000);
    }
    metrics.ended(sessionId, session.endCause ?? cause, (traffic) => {
      if (admitted) this.#record(session, { endedAt, cause, code }, traffic);
    });
    this.#noteEmpty();
  }

  /** The client's address changed, its tunnels stay (CIP-1308). */
  pathChanged({ connectionId, remoteAddress }: EventOf<'pathChanged'>): void {
    for (const session of this.table.ofConnection(connectionId)) session.remoteAddress = remoteAddress;
  }

  mtuChanged({ sessionId, tunnelMtu }: EventOf<'mtuChanged'>): void {
    const session = this.table.find(sessionId);
    if (session !== null) session.tunnelMtu = tunnelMtu;
  }

  /** Logged where the connection was a client's: scans must not fill the log. */
  connectionClosed({ connectionId, cause, code }: EventOf<'connectionClosed'>): void {
    const { metrics, logger } = this.#options;
    const client = this.table.removeConnection(connectionId);
    if (client !== null) logger.info({ clientId: client.slug, reason: cause, code }, 'connection closed');
    metrics.connectionEnded(connectionId, cause);
  }

  /**
   * Ends sessions whose client lost access (CIP-1307): nothing of theirs is forwarded any more. Their connections
   * follow a little later, so that the client can read why.
   *
   * @param sinceMs when access was lost, UTC milliseconds
   */
  endAccess(sessions: readonly Session[], cause: AccessEndCause, sinceMs: number): void {
    const { requests, engine, clock } = this.#options;
    for (const session of sessions) {
      session.accessLostAtMs = sinceMs;
      requests.end(session, cause);
    }
    const connections = new Set(sessions.map(({ connectionId }) => connectionId));
    if (connections.size === 0) return;
    clock.after(farewellMs, () => {
      for (const connectionId of connections) {
        if (this.table.ofConnection(connectionId).length > 0) continue;
        engine.closeConnection(connectionId, HttpError.noError, 'access ended');
      }
    });
  }

  /** Ends one session; its client may come back. */
  end(session: Session, cause: EndCause): void {
    this.#options.requests.end(session, cause);
  }

  /** Admits nobody any more and ends every session in order (CIP-1304); resolves when the last one is gone. */
  drain(): Promise<void> {
    const { engine, requests } = this.#options;
    requests.stop();
    const gone = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const session of this.table.placed()) {
      if (session.phase.name === 'open') {
        session.endCause = 'SERVER_STOPPING';
        engine.finish(session.id);
      } else {
        requests.end(session, 'SERVER_STOPPING');
      }
    }
    this.#noteEmpty();
    return gone;
  }

  /** What `drain` did not end in time. */
  abandon(): void {
    for (const session of this.table.placed()) this.#options.requests.end(session, 'SERVER_STOPPING');
  }

  #record(
    session: Session,
    end: { readonly endedAt: number; readonly cause: SessionCloseCause; readonly code: number | null },
    traffic: SessionTraffic,
  ): void {
    const { history, observer, logger } = this.#options;
    const { endedAt, code } = end;
    const reason = session.endCause ?? end.cause;
    const counters = {
      bytesIn: traffic.bytesReceived,
      bytesOut: traffic.bytesSent,
      packetsIn: traffic.packetsReceived,
      packetsOut: traffic.packetsSent,
    };
    const ending = { endedAt, cause: reason, code, ...counters };
    history.closed(session.uuid, ending);
    observer.ended(session, ending);
    const seconds = Math.round((endedAt - session.startedAtMs) / 1000);
    const names = { sessionId: session.uuid, clientId: session.client.slug };
    logger.info({ ...names, reason, code, seconds, ...counters }, 'session closed');
  }

  #noteEmpty(): void {
    if (this.table.size.sessions > 0) return;
    this.#onEmpty?.();
    this.#onEmpty = null;
  }
}
