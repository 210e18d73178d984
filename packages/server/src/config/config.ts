import type { CongestionControl } from '@masque-vpn/engine';
import type { AcmeSettings } from './acme.js';
import type { Prefix } from '@masque-vpn/protocol';
import type { OidcSettings } from './oidc.js';
import type { PostgresAddress } from './postgresUrl.js';

/** Where a socket listens. */
export interface ListenAddress {
  /** IP address without brackets. */
  readonly address: string;
  /** 0–65535; 0 lets the system pick. */
  readonly port: number;
  /** `192.0.2.1:443`, `[::]:443`: as the engine and people write it. */
  readonly text: string;
}

/** `server.toml`, checked and with every default filled in; durations in milliseconds, prefixes parsed. */
export interface ServerConfig {
  readonly server: {
    readonly listen: ListenAddress;
    /** Public name or address for certificates and profiles; null: the machine's own choice. */
    readonly host: string | null;
    /** Path of the URI template (RFC 9484 §3). */
    readonly path: string;
    readonly stateDir: string;
    readonly runtimeDir: string;
    /** A certificate that somebody else keeps current; null: the built-in authority makes one. */
    readonly ownCertificate: { readonly certificate: string; readonly key: string } | null;
    /** Whose certificate tunnels and enrolment show: `own` is that, or the one by ACME. */
    readonly tunnelCertificate: 'authority' | 'own';
  };
  /** The public TCP port. */
  readonly front: { readonly enabled: boolean };
  /** Null: no certificate by ACME. */
  readonly acme: AcmeSettings | null;
  readonly pki: {
    /** Where the master key is; null: see `findMasterKey`. */
    readonly keyFile: string | null;
    readonly clientValidityMs: number;
  };
  readonly auth: { readonly clientTokens: boolean };
  readonly store: StoreChoice;
  readonly history: {
    /** How long ended sessions stay. */
    readonly sessionsMs: number;
  };
  readonly tunnel: {
    readonly name: string;
    readonly mtu: number;
    readonly offload: boolean;
    readonly congestionControl: CongestionControl;
    /** Threads that move packets; null: as many as there are cores for this process. */
    readonly workers: number | null;
  };
  readonly pool: {
    readonly ipv4: readonly Prefix[];
    readonly ipv6: readonly Prefix[];
    readonly quarantineMs: number;
  };
  readonly routes: { readonly advertise: readonly Prefix[] };
  readonly network: { readonly manage: boolean; readonly nat: boolean; readonly hostAccess: boolean };
  readonly sessions: {
    readonly idleTimeoutMs: number;
    readonly perClient: number;
    readonly perConnection: number;
    readonly max: number;
    readonly drainMs: number;
  };
  readonly api: {
    readonly listen: ListenAddress;
    readonly sessionIdleMs: number;
    readonly sessionAbsoluteMs: number;
  };
  /** Null: nobody signs in by OIDC. */
  readonly oidc: OidcSettings | null;
  readonly metrics: {
    readonly perClient: boolean;
    readonly clientCeiling: number;
    readonly retentionMs: number;
    /** File with the token that /metrics asks for; null: it asks for none. */
    readonly tokenFile: string | null;
  };
  readonly webhooks: { readonly allowPrivate: boolean };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
}

/** Which database. */
export type StoreChoice =
  /** A file in the state folder. */
  | { readonly kind: 'sqlite' }
  | {
      readonly kind: 'postgres';
      readonly address: PostgresAddress;
      /** Where the password is read at every connection; null: `address.password`. */
      readonly passwordFile: string | null;
    };

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** `auto`: pretty on a terminal, JSON otherwise. */
export const logFormats = ['auto', 'json', 'pretty'] as const;
export type LogFormat = (typeof logFormats)[number];
