/**
 * A label's values: fixed ones, all present from the start; `perClient`, one series per client that was
 * admitted; or `atStart`, one value that the server knows when it starts.
 */
export type LabelValues = readonly string[] | 'perClient' | 'atStart';

/** What one unit of a metric's value is. */
export type Unit =
  | 'seconds'
  | 'bytes'
  | 'bytes per second'
  | 'packets'
  | 'connections'
  | 'sessions'
  | 'addresses'
  | 'clients'
  | 'streams'
  | 'requests'
  | 'handshakes'
  | 'capsules'
  | 'calls'
  | 'errors'
  | 'series'
  | 'ratio'
  | 'state';

/** One metric: everything that its registration, its documentation and its tests are made from. */
export interface MetricDeclaration {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** The reference's wording for its 19. */
  readonly help: string;
  readonly unit: Unit;
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** The combinations of fixed label values that exist, in the order of `labels`; absent: all of them. */
  readonly combinations?: readonly (readonly string[])[];
  /** Upper bounds of a histogram's buckets, ascending, without `+Inf`. */
  readonly buckets?: readonly number[];
  /** The event that moves it, and what exactly it counts. */
  readonly fedBy: string;
  /** Release that brought it. */
  readonly since: string;
}

/** `direction` of packets: inbound from a client towards the TUN, outbound from the TUN to a client. */
export const directions = ['inbound', 'outbound'] as const;
export type Direction = (typeof directions)[number];

export const perClient = { client_id: 'perClient' } as const;
