import type { Flow } from '../../domain/rules/flowRule.js';
import type { LiveEvent } from '../../live/stream.js';

/** What the list is narrowed to; an empty text narrows nothing. */
export interface FlowFilter {
  readonly verdict: string;
  readonly client: string;
  /** Id of the rule that decided; `none`: no rule did. */
  readonly rule: string;
}

/** How many are kept: older ones are of no use on a page that moves. */
export const mostFlows = 500;

/** Flows with the same ends, port and fate are one line, as on the server; source ports are of no interest. */
export function keyOf(flow: Flow): string {
  const { clientId, direction, verdict, ruleNumber, clientAddress, remoteAddress, protocol, port } = flow;
  return [clientId, direction, verdict, ruleNumber, clientAddress, remoteAddress, protocol, port].join(' ');
}

/** Adds what was sampled since, each counted into its line; the latest first, at most {@link mostFlows}. */
export function withSamples(flows: readonly Flow[], samples: readonly Flow[]): readonly Flow[] {
  const byKey = new Map(flows.map((flow) => [keyOf(flow), flow]));
  for (const sample of samples) {
    const key = keyOf(sample);
    const known = byKey.get(key);
    byKey.set(
      key,
      known === undefined
        ? sample
        : {
            ...known,
            count: known.count + sample.count,
            lastAtMs: Math.max(known.lastAtMs, sample.lastAtMs),
            ruleId: sample.ruleId ?? known.ruleId,
          },
    );
  }
  return [...byKey.values()].sort((a, b) => b.lastAtMs - a.lastAtMs).slice(0, mostFlows);
}

export function matches(flow: Flow, { verdict, client, rule }: FlowFilter): boolean {
  if (verdict !== '' && flow.verdict !== verdict) return false;
  if (client !== '' && flow.clientId !== client && flow.remoteClientId !== client) return false;
  if (rule === 'none') return flow.ruleNumber === null;
  return rule === '' || flow.ruleId === rule;
}

/** A sample out of a live event; null: it tells of something else. `ruleIds` are ids by number. */
export function sampleOf(event: LiveEvent, ruleIds: ReadonlyMap<number, string>): Flow | null {
  const { data, clientId, type, atMs } = event;
  if (clientId === null || !isFlowData(data)) return null;
  if (type !== 'flow.allowed' && type !== 'flow.refused') return null;
  const { direction, ruleNumber, clientAddress, remoteAddress, remoteClientId, protocol, port } = data;
  return {
    clientId,
    direction,
    verdict: type === 'flow.allowed' ? 'allowed' : 'refused',
    ruleNumber,
    ruleId: ruleNumber === null ? null : (ruleIds.get(ruleNumber) ?? null),
    clientAddress,
    remoteAddress,
    remoteClientId: remoteClientId ?? null,
    protocol: protocolNames[protocol] ?? protocol,
    port,
    count: 1,
    firstAtMs: atMs,
    lastAtMs: atMs,
  };
}

const protocolNames: Readonly<Record<number, 'icmp' | 'tcp' | 'udp'>> = { 1: 'icmp', 6: 'tcp', 17: 'udp' };

interface FlowData {
  readonly direction: Flow['direction'];
  readonly ruleNumber: number | null;
  readonly clientAddress: string;
  readonly remoteAddress: string;
  readonly remoteClientId?: string | null;
  readonly protocol: number;
  readonly port: number | null;
}

function isFlowData(data: unknown): data is FlowData {
  if (typeof data !== 'object' || data === null) return false;
  const value = data as Partial<Record<keyof FlowData, unknown>>;
  return (
    (value.direction === 'fromClient' || value.direction === 'toClient') &&
    typeof value.clientAddress === 'string' &&
    typeof value.remoteAddress === 'string' &&
    typeof value.protocol === 'number' &&
    (value.port === null || typeof value.port === 'number') &&
    (value.ruleNumber === null || typeof value.ruleNumber === 'number')
  );
}
