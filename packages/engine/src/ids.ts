declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A QUIC connection; a safe integer, never reused within one engine. */
export type ConnectionId = Brand<number, 'ConnectionId'>;
/** One CONNECT-IP request and, once accepted, its tunnel; a safe integer, never reused within one engine. */
export type SessionId = Brand<number, 'SessionId'>;

/** Name and value as received, in order; each byte is one UTF-16 code unit (latin1). */
export type HeaderField = readonly [name: string, value: string];

/** A capsule other than DATAGRAM (RFC 9297 §3.2). `type` is a 62-bit varint. */
export interface Capsule {
  readonly type: bigint;
  readonly value: Uint8Array;
}
