import type { SessionId } from '../engine.js';
import type { DropReason } from '../snapshot.js';
import type { Counters, SessionRow } from './counters.js';
import { forbiddenReason, parsePacket, type PacketHeader } from './packet.js';
import type { Routing } from './routing.js';

/** A session, as far as packets are concerned. */
export interface PacketSession {
  readonly id: SessionId;
  readonly row: SessionRow;
  readonly routing: Routing | null;
  readonly tunnelMtu: number;
  sendPacket(packet: Uint8Array): void;
}

/** Decides for each packet: which session, or which drop reason; and counts it. */
export class Router {
  readonly #counters: Counters;
  readonly #writeTun: (packet: Uint8Array) => boolean;
  readonly #sessions = new Set<PacketSession>();

  /** `writeTun` is false while there is no TUN. */
  constructor(counters: Counters, writeTun: (packet: Uint8Array) => boolean) {
    this.#counters = counters;
    this.#writeTun = writeTun;
  }

  add(session: PacketSession): void {
    this.#sessions.add(session);
  }

  remove(session: PacketSession): void {
    this.#sessions.delete(session);
  }

  /** A packet read from the TUN. */
  outbound(packet: Uint8Array): void {
    const { totals } = this.#counters;
    totals.add('outboundReceived');
    const header = parsePacket(packet);
    const target = header === null ? { reason: 'malformed' as const } : this.#target(header);
    const session = target.session ?? null;
    const reason = target.reason ?? (session !== null && packet.length > session.tunnelMtu ? 'tooBig' : null);
    if (reason !== null || session === null) {
      totals.add(`outboundDrops.${reason ?? 'noRoute'}`);
      session?.row.add('dropsSending');
      return;
    }
    totals.add('outboundForwarded');
    totals.add('outboundProcessing<=0.000001s');
    session.row.add('packetsSent');
    session.row.add('bytesSent', packet.length);
    session.sendPacket(packet);
  }

  /** A packet that arrived for `session`, open or not. */
  inbound(session: PacketSession, packet: Uint8Array): void {
    const { totals } = this.#counters;
    totals.add('inboundReceived');
    const reason = this.#refusal(session, packet);
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

  #target(header: PacketHeader): { session?: PacketSession; reason?: DropReason } {
    const { source, destination } = header;
    const forbidden = forbiddenReason(source) ?? forbiddenReason(destination);
    if (forbidden !== null) return { reason: forbidden };
    const owner = this.#find((routing) => routing.role === 'proxy' && routing.owns(destination));
    if (owner !== null) return { session: owner };
    const client = this.#find((routing) => routing.role === 'client' && routing.owns(source));
    const refusal = client?.routing?.refusal(header) ?? null;
    if (client !== null) return refusal === null ? { session: client } : { session: client, reason: refusal };
    const anyClient = this.#find((routing) => routing.role === 'client');
    return anyClient === null ? { reason: 'noRoute' } : { session: anyClient, reason: 'spoofedSource' };
  }

  /** Writes the packet to the TUN unless something speaks against it. */
  #refusal(session: PacketSession, packet: Uint8Array): DropReason | null {
    if (!this.#sessions.has(session)) return 'noSession';
    if (packet.length === 0) return 'emptyDatagram';
    const header = parsePacket(packet);
    if (header === null) return 'malformed';
    const { source, destination } = header;
    const forbiddenSource = forbiddenReason(source);
    const forbiddenDestination = forbiddenReason(destination);
    if (forbiddenSource === 'linkLocal' || forbiddenDestination === 'linkLocal') return 'linkLocal';
    const { routing } = session;
    if (routing === null) return 'noRoute';
    if (routing.role === 'proxy' && !routing.owns(source)) return 'spoofedSource';
    if (forbiddenSource !== null || forbiddenDestination !== null) return 'forbiddenAddress';
    if (routing.role === 'client') {
      if (!routing.owns(destination)) return 'noRoute';
    } else {
      if (routing.isPeer(destination)) return 'peerToPeer';
      const refusal = routing.refusal(header);
      if (refusal !== null) return refusal;
    }
    return this.#writeTun(packet) ? null : 'noTun';
  }

  #find(accepts: (routing: Routing) => boolean): PacketSession | null {
    for (const session of this.#sessions) {
      if (session.routing !== null && accepts(session.routing)) return session;
    }
    return null;
  }
}
