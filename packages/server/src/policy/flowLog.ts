import type { FlowOpener } from '@masque-vpn/engine';

/** Flows with the same ends, protocol, port and fate, sampled and counted together. */
export interface LoggedFlow {
  readonly clientUuid: string;
  readonly opened: FlowOpener;
  readonly verdict: 'allowed' | 'refused';
  /** What the engine calls the rule that decided; null: none did. */
  readonly ruleNumber: number | null;
  /** Address on the client's side: its own, or one behind it. */
  readonly clientAddress: string;
  readonly remoteAddress: string;
  /** The other side, where it is a client's. */
  readonly remoteClientUuid: string | null;
  readonly protocol: number;
  /** Destination port. */
  readonly port: number | null;
  /** UTC milliseconds. */
  readonly firstAtMs: number;
  lastAtMs: number;
  /** How many were sampled. */
  count: number;
}

/** One sample. */
export type SampledFlow = Omit<LoggedFlow, 'firstAtMs' | 'lastAtMs' | 'count'> & { readonly atMs: number };

export interface FlowLogLimits {
  /** Clients that have flows here; beyond it those of the client that was silent longest are forgotten. */
  readonly clients: number;
  /** Of one client and verdict; beyond it the one not seen longest is forgotten. */
  readonly flows: number;
}

const usualLimits: FlowLogLimits = { clients: 1_000, flows: 32 };

type Book = Map<string, LoggedFlow>;

/**
 * The latest flows of each client, in memory. Bounded per client and in all: nobody can push out what others did, and
 * allowed flows never push out refused ones.
 */
export class FlowLog {
  readonly #limits: FlowLogLimits;
  /** Both maps are in the order in which things were last seen. */
  readonly #clients = new Map<string, Readonly<Record<LoggedFlow['verdict'], Book>>>();

  constructor(limits: FlowLogLimits = usualLimits) {
    this.#limits = limits;
  }

  /** Returns the entry that the sample is counted in. */
  record(sample: SampledFlow): LoggedFlow {
    const books = this.#clients.get(sample.clientUuid) ?? { allowed: new Map(), refused: new Map() };
    touch(this.#clients, sample.clientUuid, books, this.#limits.clients);
    const book: Book = books[sample.verdict];
    const key = keyOf(sample);
    const { atMs, ...rest } = sample;
    const flow: LoggedFlow = book.get(key) ?? { ...rest, firstAtMs: atMs, lastAtMs: atMs, count: 0 };
    flow.count += 1;
    flow.lastAtMs = Math.max(flow.lastAtMs, atMs);
    touch(book, key, flow, this.#limits.flows);
    return flow;
  }

  /** The latest first; of one client, or of all. */
  list(filter: {
    readonly clientUuid?: string;
    readonly verdict?: LoggedFlow['verdict'];
  }): readonly LoggedFlow[] {
    const books =
      filter.clientUuid === undefined
        ? [...this.#clients.values()]
        : [this.#clients.get(filter.clientUuid)].flatMap((found) => found ?? []);
    return books
      .flatMap(({ allowed, refused }) => [
        ...(filter.verdict === 'refused' ? [] : allowed.values()),
        ...(filter.verdict === 'allowed' ? [] : refused.values()),
      ])
      .sort((a, b) => b.lastAtMs - a.lastAtMs);
  }

  forget(clientUuid: string): void {
    this.#clients.delete(clientUuid);
  }
}

/** Source ports are of no interest: a scan or a browser would fill the log with them. */
function keyOf(flow: SampledFlow): string {
  const { opened, ruleNumber, clientAddress, remoteAddress, protocol, port } = flow;
  return [opened, ruleNumber, clientAddress, remoteAddress, protocol, port].join(' ');
}

/** Puts an entry last, and forgets the first ones beyond the limit. */
function touch<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  for (const [oldest] of map) {
    if (map.size <= limit) return;
    map.delete(oldest);
  }
}
