import { formatAddress } from '@masque-vpn/protocol';
import type { FlowOpener } from '../engine.js';
import { parseQuoted, type FlowKey, type PacketHeader } from './packet.js';
import { noRule, portProtocols, type CompiledRules, type Remote, type Verdict } from './rules.js';

const tcp = 6;
const udp = 17;
const icmp = new Set([1, 58]);
/** Flows of one session. */
const mostFlows = 8_192;
const mostFragmented = 64;
const fragmentedMs = 5_000;
/** How long a session takes over TCP connections of an earlier one. */
const resumingMs = 180_000;

/** What a packet means for its flow; see `engine/packet/src/flow.rs`. */
export type Meaning = 'ordinary' | 'syn' | 'segment' | 'end' | 'answer' | 'error';

/** A packet's flow, seen from one session, and its meaning for it. */
export interface Trace {
  readonly key: FlowKey;
  readonly meaning: Meaning;
}

/** What there is to judge a packet by. */
export interface Question {
  /** The way the packet goes: from the peer, or towards it. */
  readonly direction: FlowOpener;
  readonly remote: Remote;
  /** Null: dropped. */
  readonly rules: CompiledRules | null;
  readonly generation: number;
  readonly nowMs: number;
}

export type Admission =
  | { readonly outcome: 'known' | 'full'; readonly opened: FlowOpener }
  | { readonly outcome: 'new' | 'refused'; readonly opened: FlowOpener; readonly verdict: Verdict };

interface Flow {
  readonly key: FlowKey;
  readonly opened: FlowOpener;
  phase: 'unanswered' | 'answered' | 'ending';
  inside: boolean;
  generation: number;
  seenMs: number;
}

/** The flows of one session; the other implementation is `engine/packet/src/flow_table.rs`. */
export class FlowTable {
  readonly #flows = new Map<string, Flow>();
  readonly #fragmented = new Map<string, number>();
  readonly #bornMs: number;

  constructor(nowMs: number) {
    this.#bornMs = nowMs;
  }

  /** Expired ones included that nobody has asked for. */
  get size(): number {
    return this.#flows.size;
  }

  forget(key: FlowKey): void {
    this.#flows.delete(nameOf(key));
  }

  admit(header: PacketHeader, trace: Trace | null, ask: Question): Admission {
    const name = `${formatAddress(header.source)} ${formatAddress(header.destination)} ${header.fragmentId}`;
    if (trace === null) {
      const firstMs = this.#fragmented.get(name) ?? Number.NEGATIVE_INFINITY;
      return header.fragment === 'later' && ask.nowMs - firstMs <= fragmentedMs
        ? { outcome: 'known', opened: ask.direction }
        : { outcome: 'refused', opened: ask.direction, verdict: noRule };
    }
    const admission = this.#admit(trace, ask);
    if (header.fragment === 'first' && (admission.outcome === 'known' || admission.outcome === 'new')) {
      this.#fragmented.delete(name);
      this.#fragmented.set(name, ask.nowMs);
      const [oldest] = this.#fragmented.keys();
      if (this.#fragmented.size > mostFragmented && oldest !== undefined) this.#fragmented.delete(oldest);
    }
    return admission;
  }

  #admit({ key, meaning }: Trace, ask: Question): Admission {
    const judge = (opened: FlowOpener): Verdict => ask.rules?.judge(opened, ask.remote, key) ?? noRule;
    const inside = ask.remote.kind !== 'outside';
    const flow = this.#flows.get(nameOf(key));
    if (
      flow !== undefined &&
      !isExpired(flow, ask.nowMs) &&
      (meaning !== 'syn' || flow.opened === ask.direction)
    ) {
      const { opened } = flow;
      if (meaning !== 'error' && (flow.inside !== inside || flow.generation < ask.generation)) {
        const verdict = judge(opened);
        if (!verdict.allowed) {
          this.forget(key);
          return { outcome: 'refused', opened, verdict };
        }
        flow.inside = inside;
        flow.generation = ask.generation;
      }
      note(flow, meaning, ask);
      return { outcome: 'known', opened };
    }
    if (meaning === 'answer' || meaning === 'error')
      return { outcome: 'refused', opened: ask.direction, verdict: noRule };
    const resumes =
      ask.direction === 'towardsPeer' &&
      meaning === 'segment' &&
      ask.nowMs - this.#bornMs < resumingMs &&
      judge('byPeer').allowed;
    const opened = resumes ? 'byPeer' : ask.direction;
    const verdict = judge(opened);
    if (!verdict.allowed) return { outcome: 'refused', opened, verdict };
    if (!this.#makeRoom(key, ask.nowMs)) return { outcome: 'full', opened };
    const phase = meaning === 'end' ? 'ending' : 'unanswered';
    const { generation, nowMs: seenMs } = ask;
    this.#flows.set(nameOf(key), { key, opened, phase, inside, generation, seenMs });
    return { outcome: 'new', opened, verdict };
  }

  #makeRoom(key: FlowKey, nowMs: number): boolean {
    if (this.#flows.size < mostFlows || this.#flows.has(nameOf(key))) return true;
    for (const [name, flow] of this.#flows) {
      if (flow.phase === 'unanswered' || isExpired(flow, nowMs)) return this.#flows.delete(name);
    }
    return false;
  }
}

/** Null when the packet does not say: a later fragment, or a header that is cut short. */
export function traceOf(header: PacketHeader, direction: FlowOpener): Trace | null {
  const { protocol, upper } = header;
  if (header.fragment === 'later') return null;
  if (icmp.has(protocol)) {
    if (upper.length < 1) return null;
    const query = queryKind(protocol, upper[0] ?? 0);
    if (query === 'fails') {
      const quoted = parseQuoted(upper.subarray(8));
      if (quoted === null) return null;
      const key = keyOf(quoted, direction === 'byPeer' ? 'towardsPeer' : 'byPeer');
      return key === null ? null : { key, meaning: 'error' };
    }
    const key = keyOf(header, direction);
    return key === null ? null : { key, meaning: query === 'answers' ? 'answer' : 'ordinary' };
  }
  const key = keyOf(header, direction);
  if (key === null || (protocol === tcp && upper.length < 14)) return null;
  return { key, meaning: protocol === tcp ? tcpMeaning(upper[13] ?? 0) : 'ordinary' };
}

function keyOf(header: PacketHeader, direction: FlowOpener): FlowKey | null {
  const { source, destination, protocol, upper } = header;
  const word = (at: number): number => ((upper[at] ?? 0) << 8) | (upper[at + 1] ?? 0);
  let ports: readonly [number, number] = [0, 0];
  if (portProtocols.has(protocol)) {
    if (upper.length < 4) return null;
    ports = [word(0), word(2)];
  } else if (icmp.has(protocol) && ['asks', 'answers'].includes(queryKind(protocol, upper[0] ?? 0))) {
    if (upper.length < 6) return null;
    ports = [word(4), word(4)];
  }
  const [here, there] = ports;
  return direction === 'byPeer'
    ? { local: source, remote: destination, localPort: here, remotePort: there, protocol }
    : { local: destination, remote: source, localPort: there, remotePort: here, protocol };
}

function queryKind(protocol: number, kind: number): 'asks' | 'answers' | 'fails' | 'other' {
  if (protocol === 58)
    return kind === 128 ? 'asks' : kind === 129 ? 'answers' : kind < 128 ? 'fails' : 'other';
  if ([8, 13, 15, 17].includes(kind)) return 'asks';
  if ([0, 14, 16, 18].includes(kind)) return 'answers';
  return [3, 4, 5, 11, 12].includes(kind) ? 'fails' : 'other';
}

function tcpMeaning(flags: number): Meaning {
  const [fin, syn, rst, ack] = [1, 2, 4, 16];
  if ((flags & (fin | rst)) !== 0) return 'end';
  if ((flags & syn) === 0) return 'segment';
  return (flags & ack) === 0 ? 'syn' : 'answer';
}

function note(flow: Flow, meaning: Meaning, { direction, nowMs }: Question): void {
  if (meaning === 'error') return;
  if (meaning === 'end') flow.phase = 'ending';
  else if (meaning === 'syn' && flow.phase === 'ending') flow.phase = 'unanswered';
  else if (flow.phase === 'unanswered' && direction !== flow.opened) flow.phase = 'answered';
  flow.seenMs = nowMs;
}

function isExpired({ key: { protocol }, phase, seenMs }: Flow, nowMs: number): boolean {
  const answered = phase === 'answered';
  let seconds = answered ? 600 : 60;
  if (protocol === tcp) seconds = answered ? 7_440 : phase === 'ending' ? 240 : 60;
  else if (protocol === udp) seconds = answered ? 180 : 30;
  else if (icmp.has(protocol)) seconds = 60;
  return nowMs - seenMs >= (seconds + 1) * 1000;
}

function nameOf({ local, remote, localPort, remotePort, protocol }: FlowKey): string {
  return `${formatAddress(local)} ${localPort} ${formatAddress(remote)} ${remotePort} ${protocol}`;
}
