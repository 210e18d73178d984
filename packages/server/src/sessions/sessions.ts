import type { Engine, EngineEvent, SessionCloseCause } from '@masque-vpn/engine';
import type { Logger } from 'pino';
import type { RequestEvent } from '../admission/admission.js';
import type { Metrics } from '../metrics/metrics.js';
import type { SessionTraffic } from '../metrics/rows.js';
import type { Clock } from '../process/clock.js';
import type { HistoryRecorder } from './historyRecorder.js';
import type { Places } from './places.js';
import type { Requests } from './requests.js';
import type { Session } from './session.js';
import type { SessionTable } from './table.js';
import type { Tunnels } from './tunnels.js';

type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { type: Type }>;

export interface SessionsOptions {
  readonly engine: Pick<Engine, 'finish'>;
  readonly requests: Requests;
  readonly tunnels: Tunnels;
  readonly places: Places;
  readonly metrics: Metrics;
  readonly history: HistoryRecorder;
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
      this.#options.tunnels.receive(session, session.phase.proxy, capsules);
    }
  }

  /** A session is over, whoever ended it; also the last word on a refused request. */
  closed({ sessionId, cause, code }: EventOf<'sessionClosed'>): void {
    const { places, metrics, clock } = this.#options;
    const session = this.table.find(sessionId);
    if (session === null) {
      metrics.ended(sessionId, cause, () => undefined);
      return;
    }
    if (session.phase.name === 'deciding') metrics.abandoned(session.receivedAtMs);
    const admitted = places.vacate(session);
    this.table.remove(session);
    const endedAt = Math.trunc(clock.now());
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

  /** Ends all sessions of a client at once (CIP-1307); returns how many there were. */
  endClient(clientUuid: string, cause: 'CLIENT_DISABLED' | 'CLIENT_DELETED'): number {
    const sessions = this.table.ofClient(clientUuid);
    for (const session of sessions) this.#options.requests.end(session, cause);
    return sessions.length;
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
    const { history, logger } = this.#options;
    const { endedAt, code } = end;
    const reason = session.endCause ?? end.cause;
    const counters = {
      bytesIn: traffic.bytesReceived,
      bytesOut: traffic.bytesSent,
      packetsIn: traffic.packetsReceived,
      packetsOut: traffic.packetsSent,
    };
    history.closed(session.uuid, { endedAt, cause: reason, code, ...counters });
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
