import type { ConnectionId, SessionId } from '@masque-vpn/engine';
import { exactly } from '@masque-vpn/protocol';
import type { Occupancy } from '../admission/admission.js';
import type { ClientRecord } from '../store/clients.js';
import type { Session } from './session.js';

interface ConnectionRecord {
  readonly client: ClientRecord;
  /** As many as one connection may request; a list, because a set of one takes three times the memory. */
  sessions: readonly Session[];
}

/** All sessions by everything they are looked up by. A session takes a place from `add` to `vacate`. */
export class SessionTable implements Occupancy {
  /** Until the engine's `sessionClosed`. */
  readonly #byId = new Map<SessionId, Session>();
  readonly #placed = new Set<Session>();
  readonly #byUuid = new Map<string, Session>();
  /** As many as one client may have. */
  readonly #byClient = new Map<string, readonly Session[]>();
  readonly #byInstance = new Map<string, Session>();
  readonly #byAddress = new Map<string, Session>();
  readonly #addressesOf = new WeakMap<Session, readonly string[]>();
  /** Until the engine's `connectionClosed`. */
  readonly #connections = new Map<ConnectionId, ConnectionRecord>();

  add(session: Session): void {
    this.#byId.set(session.id, session);
    this.#placed.add(session);
    this.#byUuid.set(session.uuid, session);
    const { client, connectionId } = session;
    this.#byClient.set(client.uuid, [...this.ofClient(client.uuid), session]);
    const connection = this.#connections.get(connectionId);
    if (connection === undefined) this.#connections.set(connectionId, { client, sessions: [session] });
    else connection.sessions = [...connection.sessions, session];
  }

  /** The session stands for its client's instance from now on; returns the one that did before, if any. */
  claimInstance(session: Session): Session | null {
    if (session.instance === null) return null;
    const key = instanceKey(session.client.uuid, session.instance);
    const before = this.#byInstance.get(key) ?? null;
    this.#byInstance.set(key, session);
    return before;
  }

  /** The session stands for these inner addresses (canonical text) until it is vacated. */
  claimAddresses(session: Session, addresses: readonly string[]): void {
    for (const address of addresses) this.#byAddress.set(address, session);
    this.#addressesOf.set(session, addresses);
  }

  /** Who has an inner address now. */
  holderOf(address: string): Session | null {
    return this.#byAddress.get(address) ?? null;
  }

  /** Frees the session's place for others; it stays known by its id. */
  vacate(session: Session): void {
    this.#placed.delete(session);
    this.#byUuid.delete(session.uuid);
    const { client, instance } = session;
    const isOther = (other: Session): boolean => other !== session;
    const ofClient = this.ofClient(client.uuid).filter(isOther);
    if (ofClient.length === 0) this.#byClient.delete(client.uuid);
    else this.#byClient.set(client.uuid, exactly(ofClient));
    const connection = this.#connections.get(session.connectionId);
    if (connection !== undefined) connection.sessions = exactly(connection.sessions.filter(isOther));
    for (const address of this.#addressesOf.get(session) ?? []) {
      if (this.#byAddress.get(address) === session) this.#byAddress.delete(address);
    }
    if (instance === null) return;
    const key = instanceKey(client.uuid, instance);
    if (this.#byInstance.get(key) === session) this.#byInstance.delete(key);
  }

  /** Forgets the session altogether. */
  remove(session: Session): void {
    this.vacate(session);
    this.#byId.delete(session.id);
  }

  /** The connection is gone; sessions of it were removed before. Returns whose it was; null if nobody's. */
  removeConnection(connectionId: ConnectionId): ClientRecord | null {
    const client = this.#connections.get(connectionId)?.client ?? null;
    this.#connections.delete(connectionId);
    return client;
  }

  find(id: SessionId): Session | null {
    return this.#byId.get(id) ?? null;
  }

  /** A session that holds a place. */
  findByUuid(uuid: string): Session | null {
    return this.#byUuid.get(uuid) ?? null;
  }

  ofClient(clientUuid: string): readonly Session[] {
    return this.#byClient.get(clientUuid) ?? [];
  }

  ofConnection(connectionId: ConnectionId): readonly Session[] {
    return this.#connections.get(connectionId)?.sessions ?? [];
  }

  /** Sessions that hold a place, the oldest first. */
  placed(): readonly Session[] {
    return [...this.#placed];
  }

  ownerOf(connectionId: ConnectionId): string | null {
    return this.#connections.get(connectionId)?.client.uuid ?? null;
  }

  beside(claim: {
    readonly connectionId: ConnectionId;
    readonly clientUuid: string;
    readonly instance: string | null;
  }): { readonly ofConnection: number; readonly ofClient: number; readonly ofServer: number } {
    const replaced =
      claim.instance === null
        ? undefined
        : this.#byInstance.get(instanceKey(claim.clientUuid, claim.instance));
    const without = (sessions: readonly Session[]): number =>
      replaced !== undefined && sessions.includes(replaced) ? sessions.length - 1 : sessions.length;
    return {
      ofConnection: without(this.ofConnection(claim.connectionId)),
      ofClient: without(this.ofClient(claim.clientUuid)),
      ofServer: this.#placed.size - (replaced !== undefined && this.#placed.has(replaced) ? 1 : 0),
    };
  }

  /** Nothing is remembered of sessions and connections that are gone: for tests of leaks. */
  get size(): {
    readonly sessions: number;
    readonly placed: number;
    readonly clients: number;
    readonly instances: number;
    readonly addresses: number;
    readonly connections: number;
  } {
    return {
      sessions: this.#byId.size,
      placed: this.#placed.size,
      clients: this.#byClient.size,
      instances: this.#byInstance.size,
      addresses: this.#byAddress.size,
      connections: this.#connections.size,
    };
  }
}

function instanceKey(clientUuid: string, instance: string): string {
  return `${clientUuid}/${instance}`;
}
