import type { ConnectionId, EngineEvent, SessionId } from '../engine.js';
import { AccessControl } from './access.js';
import type { Clock } from './clock.js';
import { Counters } from './counters.js';
import type { EventQueue } from './eventQueue.js';
import type { FakeNetwork } from './network.js';
import { Router } from './router.js';

/** What the connections and sessions of one fake engine share. */
export class Core {
  readonly counters = new Counters();
  readonly access: AccessControl;
  readonly router: Router;
  readonly network: FakeNetwork;
  readonly events: EventQueue;
  /** Largest inner packet of sessions that open from now on, bytes. */
  tunnelMtu: number;
  /** When the process died; null while it lives. */
  killedAtMs: number | null = null;
  /** Closed or killed: takes no part in anything any more. */
  stopped = false;
  #connections = 0;
  /** Far from connection ids, so that a mix-up shows. */
  #sessions = 1_000_000;

  constructor(
    network: FakeNetwork,
    events: EventQueue,
    tunnelMtu: number,
    writeTun: (packet: Uint8Array) => boolean,
  ) {
    this.network = network;
    this.events = events;
    this.tunnelMtu = tunnelMtu;
    this.access = new AccessControl(network.clock, this.counters, (event) => this.emit(event));
    this.router = new Router(this.counters, this.access, writeTun);
  }

  get clock(): Clock {
    return this.network.clock;
  }

  emit(event: EngineEvent): void {
    if (!this.stopped) this.events.push(event);
  }

  nextConnectionId(): ConnectionId {
    this.#connections += 1;
    return this.#connections as ConnectionId;
  }

  nextSessionId(): SessionId {
    this.#sessions += 1;
    return this.#sessions as SessionId;
  }
}
