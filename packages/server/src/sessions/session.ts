import type { ConnectionId, SessionId } from '@masque-vpn/engine';
import type { ProxySession, Route } from '@masque-vpn/protocol';
import type { Lease } from '../addressing/lease.js';
import type { AccessHold } from '../policy/access.js';
import type { ClientRecord } from '../store/clients.js';

/** Why the server ends a session by itself; stands where the engine's cause would in log and history. */
export const endCauses = [
  'CLIENT_DISABLED',
  'CLIENT_DELETED',
  'CLIENT_EXPIRED',
  /** The certificate its connection was made with, or the token, as the directory knows it. */
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_EXPIRED',
  /** An administrator ended it; its client may come back. */
  'SESSION_DISCONNECTED',
  /** The same client and instance opened a newer one. */
  'SESSION_REPLACED',
  /** It used up what it may send and receive in a month. */
  'QUOTA_EXCEEDED',
  'SERVER_STOPPING',
  /** The peer sent a capsule that must abort its stream; the log names the rule. */
  'CAPSULE_REFUSED',
] as const;
export type EndCause = (typeof endCauses)[number];

/** Ends because the client may not be here any more: what it forwarded after that is measured. */
export const accessEndCauses = [
  'CLIENT_DISABLED',
  'CLIENT_DELETED',
  'CLIENT_EXPIRED',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_EXPIRED',
] as const satisfies readonly EndCause[];
export type AccessEndCause = (typeof accessEndCauses)[number];

/** A request that has a place, and the tunnel it becomes. */
export interface Session {
  /** The engine's id. */
  readonly id: SessionId;
  readonly connectionId: ConnectionId;
  /** UUIDv7: the id in log, API and history. */
  readonly uuid: string;
  readonly client: ClientRecord;
  /** SHA-256 of the leaf its connection was made with, lower-case hex; null: it came without. */
  readonly certificateSha256: string | null;
  /** Null when the client's software sent no instance id. */
  readonly instance: string | null;
  /** When its request was complete, by the engine's clock. */
  readonly receivedAtMs: number;
  readonly startedAtMs: number;
  remoteAddress: string;
  /** The largest inner packet it can carry now; null until the engine says. */
  tunnelMtu: number | null;
  phase: Phase;
  /** Set when we ended it; null while it lives, and when the peer or the network did. */
  endCause: EndCause | null;
  /** When its client lost access, UTC milliseconds; null while it has not. */
  accessLostAtMs: number | null;
}

export interface OpenPhase {
  readonly name: 'open';
  readonly proxy: ProxySession;
  readonly leases: readonly Lease[];
  /** Follows the policy. */
  readonly policy: {
    hold: AccessHold;
    /** What its routes were made from; they are what of it lies within the session's scope. */
    advertised: readonly Route[];
    readonly narrow: (advertised: readonly Route[]) => readonly Route[];
    /** Whether it is told about DNS. */
    readonly takesDns: boolean;
  };
}

export type Phase =
  /** Waiting for DNS or the store; the engine keeps what the peer sends meanwhile (CIP-317). */
  | { readonly name: 'deciding' }
  | OpenPhase
  /** Its place and addresses are free again; the engine may still report on it. */
  | { readonly name: 'over'; readonly admitted: boolean };
