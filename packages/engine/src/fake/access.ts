import { formatAddress } from '@masque-vpn/protocol';
import type {
  Access,
  EngineEvent,
  EngineResult,
  FlowOpener,
  FlowSample,
  MeterOptions,
  RuleSet,
  SessionId,
} from '../engine.js';
import type { DropReason } from '../snapshot.js';
import type { Clock } from './clock.js';
import type { Counters } from './counters.js';
import { failed } from './failure.js';
import { FlowTable, traceOf, type Admission } from './flows.js';
import type { PacketHeader } from './packet.js';
import { CompiledRules, isId, Meter, portProtocols, type Remote } from './rules.js';

/** Samples a second, of allowed and of refused flows each; and between two of one kind from one session. */
const sampleBudget: MeterOptions = { bytesPerSecond: 50, burstBytes: 50 };
const sampleIntervalMs = 100;

/** What is remembered of a session that is judged. */
interface Judged {
  access: Access;
  generation: number;
  readonly flows: FlowTable;
  readonly sampledMs: Map<FlowSample['verdict'], number>;
}

/** A packet and the session whose rules it meets. */
export interface Passage {
  readonly sessionId: SessionId;
  readonly access: Access;
  readonly header: PacketHeader;
  readonly direction: FlowOpener;
}

/** Rule sets and meters by number, flows by session, samples of new flows. */
export class AccessControl {
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #emit: (event: EngineEvent) => void;
  readonly #rules = new Map<number, { readonly rules: CompiledRules; readonly generation: number }>();
  readonly #meters = new Map<number, Meter>();
  readonly #sessions = new Map<SessionId, Judged>();
  readonly #budgets: Readonly<Record<FlowSample['verdict'], Meter>>;
  #generation = 0;
  #droppedGeneration = 0;

  constructor(clock: Clock, counters: Counters, emit: (event: EngineEvent) => void) {
    this.#clock = clock;
    this.#counters = counters;
    this.#emit = emit;
    const budget = (): Meter => new Meter(sampleBudget, clock.now());
    this.#budgets = { allowed: budget(), refused: budget() };
  }

  setRules(id: number, rules: RuleSet): EngineResult<void> {
    const compiled = CompiledRules.compile(rules);
    if (!compiled.ok) return compiled;
    if (!isId(id)) return failed('ENGINE_INVALID_ARGUMENT', `${id} is no id`);
    this.#generation += 1;
    this.#rules.set(id, { rules: compiled.value, generation: this.#generation });
    return { ok: true, value: undefined };
  }

  dropRules(id: number): void {
    if (!this.#rules.delete(id)) return;
    this.#generation += 1;
    this.#droppedGeneration = this.#generation;
  }

  setMeter(id: number, options: MeterOptions): EngineResult<void> {
    const positive = [options.bytesPerSecond, options.burstBytes].every(
      (n) => Number.isSafeInteger(n) && n > 0,
    );
    if (!isId(id) || !positive) return failed('ENGINE_INVALID_ARGUMENT', `meter ${id} makes no sense`);
    const known = this.#meters.get(id);
    if (known === undefined) this.#meters.set(id, new Meter(options, this.#clock.now()));
    else known.change(options, this.#clock.now());
    return { ok: true, value: undefined };
  }

  dropMeter(id: number): void {
    this.#meters.delete(id);
  }

  /** Fails with ENGINE_INVALID_ARGUMENT if a rule set or a meter has not been set. */
  check({ rules, meters }: Access): EngineResult<void> {
    const missing = [...meters.fromPeer, ...meters.toPeer].find((id) => !this.#meters.has(id));
    if (!this.#rules.has(rules)) return failed('ENGINE_INVALID_ARGUMENT', `there is no rule set ${rules}`);
    if (missing !== undefined) return failed('ENGINE_INVALID_ARGUMENT', `there is no meter ${missing}`);
    return { ok: true, value: undefined };
  }

  /** Forgets a session. */
  forget(sessionId: SessionId): void {
    this.#sessions.delete(sessionId);
    this.#count();
  }

  /** Null if the packet may pass. */
  judge(passage: Passage, other: Remote | Passage): DropReason | null {
    const admission = this.#admit(passage, other);
    this.#sample(passage, admission);
    return reasonOf(admission, !('kind' in other) || other.kind === 'nobody');
  }

  /** Both sides have to let it pass. */
  judgeBoth(from: Passage, to: Passage, routed: DropReason | null): DropReason | null {
    const ours = this.#admit(from, to);
    const refusal = reasonOf(ours, true) ?? routed ?? this.judge(to, from);
    // What the other side refused never was a flow.
    const trace = traceOf(from.header, from.direction);
    if (refusal !== null && ours.outcome === 'new' && trace !== null)
      this.#sessions.get(from.sessionId)?.flows.forget(trace.key);
    else this.#sample(from, ours);
    this.#count();
    return refusal;
  }

  /** Whether the session's meters let a packet pass: all of them, or none counts it. */
  meter(access: Access, direction: FlowOpener, bytes: number): boolean {
    const ids = direction === 'byPeer' ? access.meters.fromPeer : access.meters.toPeer;
    const meters = ids.flatMap((id) => this.#meters.get(id) ?? []);
    const passes = meters.every((meter) => meter.has(bytes, this.#clock.now()));
    if (passes) for (const meter of meters) meter.take(bytes);
    return passes;
  }

  #admit(passage: Passage, other: Remote | Passage): Admission {
    const { header, direction } = passage;
    const own = this.#judged(passage);
    const beyond = 'kind' in other ? null : this.#judged(other);
    const remote: Remote = 'kind' in other ? other : { kind: 'session', labels: other.access.labels };
    const known = this.#rules.get(passage.access.rules);
    const generation = Math.max(
      known?.generation ?? this.#droppedGeneration,
      own.generation,
      beyond?.generation ?? 0,
    );
    const ask = { direction, remote, rules: known?.rules ?? null, generation, nowMs: this.#clock.now() };
    const admission = own.flows.admit(header, traceOf(header, direction), ask);
    this.#count();
    return admission;
  }

  /** The session's state; it is judged anew when its access has changed since. */
  #judged({ sessionId, access }: Passage): Judged {
    const known = this.#sessions.get(sessionId);
    if (known?.access === access) return known;
    this.#generation += 1;
    if (known !== undefined) return Object.assign(known, { access, generation: this.#generation });
    const flows = new FlowTable(this.#clock.now());
    const judged = { access, generation: this.#generation, flows, sampledMs: new Map() };
    this.#sessions.set(sessionId, judged);
    return judged;
  }

  #sample({ sessionId, header, direction }: Passage, admission: Admission): void {
    if (admission.outcome === 'known') return;
    const verdict = admission.outcome === 'new' ? 'allowed' : 'refused';
    const nowMs = this.#clock.now();
    const lastMs = this.#sessions.get(sessionId)?.sampledMs;
    const recent = nowMs - (lastMs?.get(verdict) ?? Number.NEGATIVE_INFINITY) < sampleIntervalMs;
    if (recent || !this.#budgets[verdict].has(1, nowMs)) {
      this.#counters.totals.add('flowSamplesLost');
      return;
    }
    this.#budgets[verdict].take(1);
    lastMs?.set(verdict, nowMs);
    const { opened } = admission;
    const [source, destination] = [formatAddress(header.source), formatAddress(header.destination)];
    const key = portProtocols.has(header.protocol) ? traceOf(header, direction)?.key : undefined;
    const [local, remote] = [key?.localPort ?? null, key?.remotePort ?? null];
    const sample: FlowSample = {
      sessionId,
      verdict,
      ruleId: 'verdict' in admission ? admission.verdict.ruleId : null,
      opened,
      source: opened === direction ? source : destination,
      destination: opened === direction ? destination : source,
      protocol: header.protocol,
      sourcePort: opened === 'byPeer' ? local : remote,
      destinationPort: opened === 'byPeer' ? remote : local,
      atMs: nowMs,
    };
    this.#emit({ type: 'flows', flows: [sample] });
  }

  #count(): void {
    const sizes = [...this.#sessions.values()].map(({ flows }) => flows.size);
    this.#counters.totals.set(
      'flows',
      sizes.reduce((sum, size) => sum + size, 0),
    );
  }
}

/** `inside`: the other side is a session or could be one; without a rule that speaks of it, it is as if there were none. */
function reasonOf(admission: Admission, inside: boolean): DropReason | null {
  if (admission.outcome === 'full') return 'flowTableFull';
  if (admission.outcome !== 'refused') return null;
  return inside && admission.verdict.ruleId === null ? 'peerToPeer' : 'accessDenied';
}
