import type { ConnectorOptions, Forwarding, ListenerOptions, TransportOptions } from './engine.js';

/** As `Options`, but what would be null is absent: an object's field of napi-rs is there or it is not. */
export type NullsAbsent<Options> = {
  readonly [Key in keyof Options as null extends Options[Key] ? never : Key]: Options[Key];
} & {
  readonly [Key in keyof Options as null extends Options[Key] ? Key : never]?: Exclude<Options[Key], null>;
};

type NativeTransport = NullsAbsent<TransportOptions>;
export type NativeListener = Omit<ListenerOptions, 'transport'> & { readonly transport: NativeTransport };
export type NativeConnector = NullsAbsent<Omit<ConnectorOptions, 'transport'>> & {
  readonly transport: NativeTransport;
};
export type NativeForwarding = NullsAbsent<Forwarding>;

export function nativeListener(options: ListenerOptions): NativeListener {
  return { ...options, transport: withoutNulls(options.transport) };
}

export function nativeConnector({ transport, ...options }: ConnectorOptions): NativeConnector {
  return { ...withoutNulls(options), transport: withoutNulls(transport) };
}

export function nativeForwarding(forwarding: Forwarding): NativeForwarding {
  return withoutNulls(forwarding);
}

function withoutNulls<Options extends object>(options: Options): NullsAbsent<Options> {
  const present = Object.entries(options).filter(([, value]) => value !== null);
  return Object.fromEntries(present) as NullsAbsent<Options>;
}
