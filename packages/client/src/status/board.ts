import { type ConnectionId, type Engine, type SessionId, Snapshot } from '@masque-vpn/engine';
import type { Clock } from '../clock.js';
import type { ClientFailure } from '../failure.js';
import type { ClientState, ClientStatus } from './status.js';

/** What never changes while a client runs. */
export type ClientFacts = Pick<ClientStatus, 'client' | 'server' | 'pid' | 'interface' | 'advertised'>;

type Traffic = Pick<ClientStatus, 'bytesUp' | 'bytesDown' | 'packetsUp' | 'packetsDown'>;

interface Followed {
  readonly connectionId: ConnectionId;
  readonly sessionId: SessionId;
  readonly remoteAddress: string;
}

const noTraffic: Traffic = { bytesUp: 0, bytesDown: 0, packetsUp: 0, packetsDown: 0 };

/** Where the parts of a client write what they do, and everybody who wants to know reads it. */
export class StatusBoard {
  readonly #snapshot = new Snapshot();
  #state: ClientState = 'connecting';
  #sinceMs: number;
  #followed: Followed | null = null;
  #ended: Traffic = noTraffic;
  #network: Pick<ClientStatus, 'addresses' | 'routes' | 'tunnelMtu'>;
  #dns: ClientStatus['dns'] = [];
  #attempts = 0;
  #lastError: ClientStatus['lastError'] = null;
  #certificate: ClientStatus['certificate'];

  readonly #facts: ClientFacts;
  readonly #engine: Engine;
  readonly #clock: Clock;

  /** `expiresAtMs` is the end of the certificate in use, UTC milliseconds. */
  constructor(facts: ClientFacts, expiresAtMs: number, engine: Engine, clock: Clock) {
    this.#certificate = { expiresAtMs, renewsAtMs: null, renewalError: null };
    this.#facts = facts;
    this.#engine = engine;
    this.#clock = clock;
    this.#sinceMs = clock.now();
    this.#network = { addresses: [], routes: [], tunnelMtu: null };
  }

  enter(state: ClientState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#sinceMs = this.#clock.now();
  }

  /** A session begins; its counters are read live until {@link unfollow}. */
  follow(connectionId: ConnectionId, remoteAddress: string, sessionId: SessionId): void {
    this.#followed = { connectionId, remoteAddress, sessionId };
  }

  /** The session has ended; its final counters stay in the sums, what the server said about DNS goes. */
  unfollow(): void {
    this.#ended = this.#traffic();
    this.#followed = null;
    this.#dns = [];
  }

  /** What the host routes into the tunnel now; nothing without a tunnel, and then `tunnelMtu` is null. */
  tunnel(addresses: readonly string[], routes: readonly string[], tunnelMtu: number | null): void {
    this.#network = { addresses: [...addresses], routes: [...routes], tunnelMtu };
  }

  /** What the server says about DNS from now on. */
  dns(dns: ClientStatus['dns']): void {
    this.#dns = dns;
  }

  /** What is known about the certificate and its renewal. */
  certificate(certificate: ClientStatus['certificate']): void {
    this.#certificate = certificate;
  }

  failed({ code, message }: ClientFailure, attempts: number): void {
    this.#lastError = { code, message, atMs: this.#clock.now() };
    this.#attempts = attempts;
  }

  /** Everything as it is at this moment. */
  read(): ClientStatus {
    return {
      ...this.#facts,
      state: this.#state,
      sinceMs: this.#sinceMs,
      remoteAddress: this.#followed?.remoteAddress ?? null,
      ...this.#network,
      dns: this.#dns,
      rttMs: this.#rttMs(),
      ...this.#traffic(),
      certificate: this.#certificate,
      attempts: this.#state === 'up' ? 0 : this.#attempts,
      lastError: this.#lastError,
    };
  }

  #traffic(): Traffic {
    if (this.#followed === null) return this.#ended;
    this.#engine.snapshot(this.#snapshot);
    const snapshot = this.#snapshot;
    const ended = this.#ended;
    for (let row = 0; row < snapshot.sessionRows; row += 1) {
      if (snapshot.session(row, 'sessionId') !== this.#followed.sessionId) continue;
      return {
        bytesUp: ended.bytesUp + snapshot.session(row, 'bytesSent'),
        bytesDown: ended.bytesDown + snapshot.session(row, 'bytesReceived'),
        packetsUp: ended.packetsUp + snapshot.session(row, 'packetsSent'),
        packetsDown: ended.packetsDown + snapshot.session(row, 'packetsReceived'),
      };
    }
    return ended;
  }

  #rttMs(): number | null {
    if (this.#followed === null) return null;
    this.#engine.snapshot(this.#snapshot);
    for (let row = 0; row < this.#snapshot.connectionRows; row += 1) {
      if (this.#snapshot.connection(row, 'connectionId') !== this.#followed.connectionId) continue;
      return this.#snapshot.connection(row, 'rttMicroseconds') / 1000;
    }
    return null;
  }
}
