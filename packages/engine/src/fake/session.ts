import type {
  Capsule,
  ConnectionId,
  HeaderField,
  PeerLimits,
  SessionCloseCause,
  SessionId,
} from '../engine.js';
import { CapsuleBudget } from './capsuleBudget.js';
import { cancelTimer, type Timer } from './clock.js';
import type { Core } from './core.js';
import type { SessionRow } from './counters.js';
import { h3 } from './h3Codes.js';
import type { PacketSession } from './router.js';
import type { Routing } from './routing.js';

/** Capsule types that the engine hands up: ADDRESS_ASSIGN, ADDRESS_REQUEST, ROUTE_ADVERTISEMENT; others are skipped (CIP-602). */
const controlCapsules = new Set([1n, 2n, 3n, 0x1ace_79ecn]);
/** A packet after its context id, as peers without datagrams send it (CIP-115). */
const datagramCapsule = 0n;
/** Smallest inner MTU that IPv6 may run on (CIP-1205). */
const ipv6MinimumMtu = 1280;
/** How long the path may stay below that: it may be searched anew just now. */
const mtuPatienceMs = 10_000;

/** What a session needs of its connection. */
export interface SessionOwner {
  readonly id: ConnectionId;
  readonly peerLimits: PeerLimits;
  /** Carries something to the other end; datagrams may be lost. */
  transmit(reliable: boolean, deliver: () => void): void;
  sessionOpened(): void;
  sessionEnded(session: SessionEnd): void;
}

/** One end of a CONNECT-IP request. */
export class SessionEnd implements PacketSession {
  readonly id: SessionId;
  readonly row: SessionRow;
  readonly startedAtMs: number;
  routing: Routing | null = null;
  tunnelMtu: number;
  state: 'waiting' | 'open' | 'ended' = 'waiting';
  /** It was accepted at some time. */
  wasOpen = false;
  /** The other end; null until the request has arrived. */
  peer: SessionEnd | null = null;
  readonly #core: Core;
  readonly #owner: SessionOwner;
  readonly #budget: CapsuleBudget;
  /** Capsules that came before the request was accepted (CIP-317). */
  #early: Capsule[] = [];
  /** Runs while the path is too small for IPv6. */
  #mtuTimer: Timer | null = null;

  constructor(core: Core, owner: SessionOwner) {
    this.id = core.nextSessionId();
    this.row = core.counters.addSession(this.id, owner.id);
    this.row.set('open', 1);
    this.startedAtMs = core.clock.now();
    this.tunnelMtu = core.tunnelMtu;
    this.#core = core;
    this.#owner = owner;
    this.#budget = new CapsuleBudget(owner.peerLimits, this.startedAtMs);
  }

  accept(headers: readonly HeaderField[], routing: Routing, capsules: readonly Capsule[]): void {
    this.routing = routing;
    this.#toPeer((peer) => peer.receiveResponse(200, headers));
    this.sendCapsules(capsules);
    this.#open();
    const early = this.#early;
    this.#early = [];
    if (early.length > 0) this.receiveCapsules(early);
  }

  refuse(status: number, headers: readonly HeaderField[], code: number | null): void {
    this.#toPeer((peer) => peer.receiveResponse(status, headers));
    this.#toPeer((peer) => (code === null ? peer.receiveFinish() : peer.receiveReset(code)));
    this.end(code === null ? 'localFinished' : 'localAborted', code);
  }

  update(routing: Routing): void {
    this.routing = routing;
    this.#checkMtu();
  }

  sendCapsules(capsules: readonly Capsule[]): void {
    if (capsules.length === 0) return;
    const copies = capsules.map(({ type, value }) => ({ type, value: value.slice() }));
    this.#toPeer((peer) => peer.receiveCapsules(copies));
  }

  sendPacket(packet: Uint8Array): void {
    this.#owner.transmit(false, () => this.peer?.receivePacket(packet));
  }

  finish(): void {
    this.#toPeer((peer) => peer.receiveFinish());
    this.end('localFinished', null);
  }

  abort(code: number, cause: SessionCloseCause = 'localAborted'): void {
    this.#toPeer((peer) => peer.receiveReset(code));
    this.end(cause, code);
  }

  setTunnelMtu(tunnelMtu: number): void {
    if (this.tunnelMtu === tunnelMtu) return;
    this.tunnelMtu = tunnelMtu;
    if (this.state === 'open') this.#announceMtu();
  }

  receiveResponse(status: number, headers: readonly HeaderField[]): void {
    if (this.state !== 'waiting') return;
    const { id: connectionId } = this.#owner;
    this.#core.emit({ type: 'response', connectionId, sessionId: this.id, status, headers });
    if (status >= 200 && status < 300) this.#open();
  }

  receiveCapsules(capsules: readonly Capsule[]): void {
    if (this.state === 'ended') return;
    if (this.state === 'waiting') {
      this.#early.push(...capsules);
      return;
    }
    for (const { type, value } of capsules)
      if (type === datagramCapsule) this.receivePacket(value.subarray(1));
    const known = capsules.filter(({ type }) => controlCapsules.has(type));
    const nowMs = this.#core.clock.now();
    const excess = known.findIndex(({ value }) => !this.#budget.take(value.length, nowMs));
    const taken = excess === -1 ? known : known.slice(0, excess);
    if (taken.length > 0) {
      const { id: connectionId } = this.#owner;
      this.#core.emit({ type: 'capsules', connectionId, sessionId: this.id, capsules: taken });
    }
    const culprit = known[excess];
    if (culprit === undefined) return;
    const tooLarge = culprit.value.length > this.#owner.peerLimits.capsuleBytes;
    this.#core.counters.totals.add(tooLarge ? 'capsuleErrors.tooLarge' : 'capsuleErrors.flood');
    this.abort(h3.excessiveLoad, 'peerExcessive');
  }

  receiveFinish(): void {
    this.end('peerFinished', null);
  }

  receiveReset(code: number): void {
    this.end('peerReset', code);
  }

  receivePacket(packet: Uint8Array): void {
    if (!this.#core.stopped) this.#core.router.inbound(this, packet);
  }

  /** Ends this end only; the other learns of it by what was transmitted before. */
  end(cause: SessionCloseCause, code: number | null): void {
    if (this.state === 'ended') return;
    if (this.state === 'open') this.#core.counters.totals.add('sessions', -1);
    this.state = 'ended';
    this.#endMtuTimer();
    this.row.set('open', 0);
    this.#core.router.remove(this);
    this.#core.emit({ type: 'sessionClosed', connectionId: this.#owner.id, sessionId: this.id, cause, code });
    this.#owner.sessionEnded(this);
  }

  #open(): void {
    this.state = 'open';
    this.wasOpen = true;
    this.#core.counters.totals.add('sessions');
    this.#core.router.add(this);
    this.#owner.sessionOpened();
    this.#announceMtu();
  }

  #announceMtu(): void {
    const { tunnelMtu } = this;
    this.row.set('tunnelMtu', tunnelMtu);
    this.#core.emit({ type: 'mtuChanged', connectionId: this.#owner.id, sessionId: this.id, tunnelMtu });
    this.#checkMtu();
  }

  #checkMtu(): void {
    const carriesIpv6 = this.routing?.usesIpv6 ?? false;
    const tooSmall = this.state === 'open' && carriesIpv6 && this.tunnelMtu < ipv6MinimumMtu;
    if (!tooSmall) this.#endMtuTimer();
    else this.#mtuTimer ??= this.#core.clock.after(mtuPatienceMs, () => this.#giveUpMtu());
  }

  #giveUpMtu(): void {
    if (!this.#core.stopped) this.abort(h3.requestCancelled, 'mtuTooSmall');
  }

  #endMtuTimer(): void {
    if (this.#mtuTimer !== null) cancelTimer(this.#mtuTimer);
    this.#mtuTimer = null;
  }

  #toPeer(deliver: (peer: SessionEnd) => void): void {
    this.#owner.transmit(true, () => {
      if (this.peer !== null) deliver(this.peer);
    });
  }
}
