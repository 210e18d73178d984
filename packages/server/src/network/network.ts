import type { TunInfo } from '@masque-vpn/engine';
import type { HostErrorCode } from '@masque-vpn/host';

/** What the server wants of its host; prefixes and addresses are canonical text. */
export interface ServerNetworkSettings {
  readonly tun: { readonly name: string; readonly mtu: number; readonly offload: boolean };
  /** Prefixes clients get addresses from, both families. */
  readonly pools: readonly string[];
  /** The server's own tunnel address per family; null where the family has no pool. */
  readonly gateways: { readonly ipv4: string | null; readonly ipv6: string | null };
  /** False: open the TUN and leave addresses, forwarding and filters to somebody else. */
  readonly manage: boolean;
  /** Rewrite clients' addresses to the server's own when they leave by another interface. */
  readonly nat: boolean;
  /** Clients may reach services on the server itself. */
  readonly hostAccess: boolean;
  /** File that remembers the changes while they are in place. */
  readonly journalPath: string;
}

/** Stable codes of why there is no tunnel interface; `docs/errors.md` explains each. */
export type NetworkErrorCode =
  | 'TUN_MISSING'
  | 'TUN_PERMISSION_DENIED'
  | 'TUN_BUSY'
  | 'TUN_FAILED'
  /** A pool overlaps a network this host already reaches by another interface. */
  | 'NETWORK_POOL_CONFLICT'
  | HostErrorCode;

/** An expected failure as data; `message` says what to do, for people, and is never matched. */
export interface NetworkError {
  readonly code: NetworkErrorCode;
  readonly message: string;
}

/** Success or an expected failure. */
export type NetworkResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: NetworkError };

/** The TUN interface and everything around it; disposing is `close`. */
export interface ServerNetwork extends AsyncDisposable {
  readonly tun: TunInfo;
  /** What works but not as the configuration may lead one to expect, for `/api/v1/status` and the log. */
  readonly warnings: readonly string[];
  /**
   * Looks at the host again and repairs what is missing: an interface that came later gets forwarding,
   * a flushed table comes back. Cheap when nothing changed.
   */
  refresh(): Promise<NetworkResult<void>>;
  /** Forgets the tracked flows of a released client address (CIP-1306). */
  releaseAddress(address: string): Promise<void>;
  /** Undoes all changes and closes the TUN. Idempotent. What could not be undone is an error and stays in the journal. */
  close(): Promise<NetworkResult<void>>;
}
