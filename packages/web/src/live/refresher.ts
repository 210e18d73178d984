import type { QueryClient } from '@tanstack/vue-query';
import { ApiProblem } from '../api/problem.js';
import type { LiveEvent } from './stream.js';

/** Lists are read again at most this often, however much happens. */
const everyMs = 1_000;

/**
 * First parts of the query keys that something changed, by the first word of the event's type or of the audited
 * action: `rule.update` makes every list of rules old.
 */
const touched: Readonly<Record<string, readonly string[]>> = {
  administrator: ['administrators'],
  authority: ['pki', 'certificates', 'status'],
  certificate: ['certificates', 'clients'],
  client: ['clients', 'groups', 'enrolments', 'usage'],
  clients: ['clients'],
  clientToken: ['client-tokens', 'clients'],
  enrolment: ['enrolments', 'clients'],
  group: ['groups', 'rules', 'clients'],
  lease: ['leases', 'pools'],
  portForward: ['port-forwards'],
  rule: ['rules', 'groups'],
  session: ['sessions', 'clients', 'pools', 'leases'],
  settings: ['settings'],
  token: ['tokens'],
  webhook: ['webhooks'],
};

/** Query keys that an event makes old. */
export function staleKeys(event: LiveEvent): readonly string[] {
  if (event.topic === 'metrics' || event.topic === 'flows' || event.topic === 'logs') return [];
  if (event.topic === 'audit') {
    const action: unknown =
      typeof event.data === 'object' && event.data !== null ? Reflect.get(event.data, 'action') : null;
    return ['audit', ...keysOf(typeof action === 'string' ? action : '')];
  }
  return keysOf(event.type);
}

function keysOf(type: string): readonly string[] {
  return touched[type.split('.')[0] ?? ''] ?? [];
}

/** Reads again what events have made old; what no page shows is read when it is shown. */
export class Refresher implements Disposable {
  readonly #queries: Pick<QueryClient, 'invalidateQueries' | 'refetchQueries'>;
  readonly #stale = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(queries: Pick<QueryClient, 'invalidateQueries' | 'refetchQueries'>) {
    this.#queries = queries;
  }

  hear(event: LiveEvent): void {
    for (const key of staleKeys(event)) this.#stale.add(key);
    if (this.#stale.size > 0) this.#timer ??= setTimeout(() => this.#refresh(), everyMs);
  }

  /** Everything may have changed. */
  all(): void {
    void this.#queries.invalidateQueries();
  }

  /** The server answers again: what could not be read is read. */
  failed(): void {
    void this.#queries.refetchQueries({
      type: 'active',
      predicate: ({ state }) => state.error instanceof ApiProblem && state.error.passing,
    });
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #refresh(): void {
    this.#timer = null;
    const keys = [...this.#stale];
    this.#stale.clear();
    for (const key of keys) void this.#queries.invalidateQueries({ queryKey: [key] });
  }
}
