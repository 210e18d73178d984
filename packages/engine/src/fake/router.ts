import type { SessionId } from '../engine.js';
import type { DropReason } from '../snapshot.js';
import type { AccessControl, Passage } from './access.js';
import type { Counters, SessionRow } from './counters.js';
import { forbiddenReason, parsePacket, withOneHopLess, type PacketHeader } from './packet.js';
import type { Routing } from './routing.js';

/** A session, as far as packets are concerned. */
export interface PacketSession {
  readonly id: SessionId;
  readonly row: SessionRow;
  readonly routing: Routing | null;
  readonly tunnelMtu: number;
  sendPacket(packet: Uint8Array): void;
}

/** Where a packet goes: nowhere, to the TUN, or to a session. */
type Way = { readonly reason: DropReason } | { readonly target: PacketSession | null };

/** Decides for each packet: which session, or which drop reason; and counts it. */
export class Router {
  readonly #counters: Counters;
  readonly #access: AccessControl;
  readonly #writeTun: (packet: Uint8Array) => boolean;
  readonly #sessions = new Set<PacketSession>();

  /** `writeTun` is false while there is no TUN. */
  constructor(counters: Counters, access: AccessControl, writeTun: (packet: Uint8Array) => boolean) {
    this.#counters = counters;
    this.#access = access;
    this.#writeTun = writeTun;
  }

  add(session: PacketSession): void {
    this.#sessions.add(session);
  }

  remove(session: PacketSession): void {
    this.#sessions.delete(session);
    this.#access.forget(session.id);
  }

  /** A packet read from the TUN. */
  outbound(packet: Uint8Array): void {
    const { totals } = this.#counters;
    totals.add('outboundReceived');
    const header = parsePacket(packet);
    const target = header === null ? { reason: 'malformed' as const } : this.#target(header);
    const session = target.session ?? null;
    const reason =
      target.reason ??
      (session === null || header === null ? 'noRoute' : this.#outboundRefusal(session, header, packet));
    if (reason !== null || session === null) {
      totals.add(`outboundDrops.${reason ?? 'noRoute'}`);
      session?.row.add('dropsSending');
      return;
    }
    this.#send(session, packet);
  }

  /** A packet that arrived for `session`, open or not. */
  inbound(session: PacketSession, packet: Uint8Array): void {
    const { totals } = this.#counters;
    totals.add('inboundReceived');
    const way = this.#way(session, packet);
    const reason = 'reason' in way ? way.reason : this.#forward(way.target, packet);
    if (reason !== null) {
      totals.add(`inboundDrops.${reason}`);
      session.row.add('dropsReceiving');
      return;
    }
    totals.add('inboundForwarded');
    totals.add('inboundProcessing<=0.000001s');
    session.row.add('packetsReceived');
    session.row.add('bytesReceived', packet.length);
  }

  #send(session: PacketSession, packet: Uint8Array): void {
    const { totals } = this.#counters;
    totals.add('outboundForwarded');
    totals.add('outboundProcessing<=0.000001s');
    session.row.add('packetsSent');
    session.row.add('bytesSent', packet.length);
    session.sendPacket(packet);
  }

  /** To the TUN, or to another session as a router would. */
  #forward(target: PacketSession | null, packet: Uint8Array): DropReason | null {
    if (target === null) return this.#writeTun(packet) ? null : 'noTun';
    const header = parsePacket(packet);
    const next = header === null ? null : withOneHopLess(packet, header);
    if (next === null) return 'ttlExpired';
    if (packet.length > target.tunnelMtu) return 'tooBig';
    this.#counters.totals.add('outboundReceived');
    this.#send(target, next);
    return null;
  }

  #target(header: PacketHeader): { session?: PacketSession; reason?: DropReason } {
    const { source, destination } = header;
    const forbidden = forbiddenReason(source) ?? forbiddenReason(destination);
    if (forbidden !== null) return { reason: forbidden };
    const owner = this.#owner(destination);
    if (owner !== null) return { session: owner };
    const client = this.#find((routing) => routing.role === 'client' && routing.owns(source) !== null);
    const refusal = client?.routing?.refusal(header) ?? null;
    if (client !== null) return refusal === null ? { session: client } : { session: client, reason: refusal };
    const anyClient = this.#find((routing) => routing.role === 'client');
    return anyClient === null ? { reason: 'noRoute' } : { session: anyClient, reason: 'spoofedSource' };
  }

  #outboundRefusal(session: PacketSession, header: PacketHeader, packet: Uint8Array): DropReason | null {
    const passage = passageOf(session, header, 'towardsPeer');
    if (passage !== null) {
      // Whoever uses a session's address outside its tunnel is not that session.
      const claimed = this.#owner(header.source) !== null || session.routing?.isPeer(header.source) === true;
      const refusal = this.#access.judge(
        passage,
        claimed ? { kind: 'nobody' } : { kind: 'outside', address: header.source },
      );
      if (refusal !== null) return refusal;
    }
    if (packet.length > session.tunnelMtu) return 'tooBig';
    return this.#meter(passage, packet.length);
  }

  /** Where a packet from a session goes unless something speaks against it. */
  #way(session: PacketSession, packet: Uint8Array): Way {
    if (!this.#sessions.has(session)) return { reason: 'noSession' };
    if (packet.length === 0) return { reason: 'emptyDatagram' };
    const header = parsePacket(packet);
    if (header === null) return { reason: 'malformed' };
    const { source, destination } = header;
    const forbiddenSource = forbiddenReason(source);
    const forbiddenDestination = forbiddenReason(destination);
    if (forbiddenSource === 'linkLocal' || forbiddenDestination === 'linkLocal')
      return { reason: 'linkLocal' };
    const { routing } = session;
    if (routing === null) return { reason: 'noRoute' };
    if (routing.role === 'proxy' && !this.#ownsSource(session, routing, source))
      return { reason: 'spoofedSource' };
    if (forbiddenSource !== null || forbiddenDestination !== null) return { reason: 'forbiddenAddress' };
    if (routing.role === 'client') return routing.owns(destination) === null ? { reason: 'noRoute' } : toTun;
    if (routing.access === null && routing.isPeer(destination)) return { reason: 'peerToPeer' };
    const refusal = routing.refusal(header);
    if (refusal !== null) return { reason: refusal };
    const passage = passageOf(session, header, 'byPeer');
    return passage === null ? toTun : this.#judged(session, routing, passage, packet.length);
  }

  #ownsSource(session: PacketSession, routing: Routing, source: PacketHeader['source']): boolean {
    return routing.owns(source) !== null && (!routing.isShared || this.#owner(source) === session);
  }

  /** The same for a session whose flows are judged. */
  #judged(session: PacketSession, routing: Routing, passage: Passage, size: number): Way {
    const { destination } = passage.header;
    const owner = routing.isOwn(destination) ? null : this.#owner(destination);
    const onward =
      owner === null || owner === session ? null : passageOf(owner, passage.header, 'towardsPeer');
    const outside = owner === null && !routing.isPeer(destination);
    const reason =
      onward === null
        ? this.#access.judge(
            passage,
            outside ? { kind: 'outside', address: destination } : { kind: 'nobody' },
          )
        : this.#access.judgeBoth(passage, onward, comesBack(owner, passage.header));
    const limited = reason ?? this.#meter(passage, size) ?? this.#meter(onward, size);
    return limited === null ? { target: onward === null ? null : owner } : { reason: limited };
  }

  #meter(passage: Passage | null, size: number): DropReason | null {
    if (passage === null) return null;
    return this.#access.meter(passage.access, passage.direction, size) ? null : 'rateLimited';
  }

  /** Which session has the address: the one with the longest prefix. */
  #owner(address: PacketHeader['source']): PacketSession | null {
    let longest = -1;
    let owner: PacketSession | null = null;
    for (const session of this.#sessions) {
      const length = session.routing?.role === 'proxy' ? (session.routing.owns(address) ?? -1) : -1;
      // Of equal ones the newest: a replaced session may have handed the address on already.
      if (length < 0 || length < longest) continue;
      longest = length;
      owner = session;
    }
    return owner;
  }

  #find(accepts: (routing: Routing) => boolean): PacketSession | null {
    for (const session of this.#sessions) {
      if (session.routing !== null && accepts(session.routing)) return session;
    }
    return null;
  }
}

const toTun: Way = { target: null };

/** Null for a session whose flows are not judged. */
function passageOf(
  { id, routing }: PacketSession,
  header: PacketHeader,
  direction: Passage['direction'],
): Passage | null {
  const access = routing?.access ?? null;
  return access === null ? null : { sessionId: id, access, header, direction };
}

/** What comes back to a session stays within what it asked for, ICMP excepted (CIP-810). */
function comesBack(session: PacketSession | null, header: PacketHeader): DropReason | null {
  const isIcmp = header.protocol === 1 || header.protocol === 58;
  return isIcmp ? null : (session?.routing?.refusal(header, true) ?? null);
}
