import type {
  ConnectionId,
  ConnectorOptions,
  EngineErrorCode,
  EngineEvent,
  Forwarding,
  ListenerOptions,
  MeterOptions,
  Offload,
  RuleSet,
  SessionId,
  TunInfo,
  TunOptions,
} from './engine.js';

/**
 * The surface of the native addon, exactly as `engine/node` implements it. Differences from `Engine`:
 * header sections are flat (`[name, value, name, value, …]`, latin1), capsules are two parallel
 * arrays, results carry their fields beside `ok`, and events are fetched instead of delivered.
 * The addon never throws for what a caller can cause.
 */
export interface NativeModule {
  /** The columns that the addon writes; refused unless they equal `snapshot.ts`. */
  layout(): {
    readonly sessions: readonly string[];
    readonly connections: readonly string[];
    readonly totals: readonly string[];
  };
  /**
   * `wake` is called on the JavaScript thread when the event queue stops being empty, and again after a
   * drain that left something; at most one call is under way.
   */
  readonly Engine: new (wake: () => void, without: readonly Offload[], workers: number) => NativeEngine;
}

export interface NativeFailure {
  readonly ok: false;
  readonly code: EngineErrorCode;
  readonly message: string;
}

/** Success with its fields, or a failure as data. */
export type NativeResult<Fields = unknown> = ({ readonly ok: true } & Fields) | NativeFailure;

/** `[name, value, name, value, …]` */
type FlatHeaders = readonly string[];

type WithFlatHeaders<Event> = Event extends { readonly headers: unknown }
  ? Omit<Event, 'headers'> & { readonly headers: FlatHeaders }
  : Event;

/** As `EngineEvent`, header sections flat; capsule values and the leaf certificate are Buffers. */
export type NativeEvent = WithFlatHeaders<EngineEvent>;

export interface NativeEngine {
  /** Takes up to `max` events, oldest first. */
  drain(max: number): readonly NativeEvent[];

  openTun(options: TunOptions): NativeResult<TunInfo>;
  closeTun(): void;

  listen(options: ListenerOptions): NativeResult<{ readonly address: string }>;
  setCertificate(chainPem: string, keyPem: string): NativeResult;
  setClientTrust(anchorsPem: string, leafSha256: readonly string[]): NativeResult;
  stopListening(): void;

  connect(options: ConnectorOptions): NativeResult<{ readonly connectionId: ConnectionId }>;
  request(connectionId: ConnectionId, headers: FlatHeaders): SessionId;

  accept(
    sessionId: SessionId,
    headers: FlatHeaders,
    forwarding: Forwarding,
    capsuleTypes: readonly bigint[],
    capsuleValues: readonly Buffer[],
  ): NativeResult;
  refuse(sessionId: SessionId, status: number, headers: FlatHeaders, code: number | null): void;
  update(sessionId: SessionId, forwarding: Forwarding): NativeResult;
  setRules(id: number, rules: RuleSet): NativeResult;
  dropRules(id: number): void;
  setMeter(id: number, meter: MeterOptions): NativeResult;
  dropMeter(id: number): void;
  sendCapsules(sessionId: SessionId, capsuleTypes: readonly bigint[], capsuleValues: readonly Buffer[]): void;
  finish(sessionId: SessionId): void;
  abort(sessionId: SessionId, code: number): void;
  closeConnection(connectionId: ConnectionId, code: number, reason: string): void;

  /** Writes as many rows as fit and returns how many there are. */
  snapshot(
    sessions: Float64Array,
    connections: Float64Array,
    totals: Float64Array,
  ): { readonly sessionRows: number; readonly connectionRows: number };
  releaseSession(sessionId: SessionId): void;
  releaseConnection(connectionId: ConnectionId): void;

  /** Resolves when sockets, TUN and threads are gone; no wake follows. */
  close(): Promise<void>;
}
