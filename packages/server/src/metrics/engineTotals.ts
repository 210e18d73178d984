import {
  capsuleErrorCauses,
  dropReasons,
  handshakeBounds,
  handshakeOutcomes,
  icmpKinds,
  offloads,
  processingBounds,
  totalColumns,
  type Snapshot,
  type TotalColumn,
} from '@masque-vpn/engine';
import { contract, directions, type Direction, type ErrorType, type MetricKey } from './contract.js';
import { handoverKinds } from './contract/server.js';
import { dropClassOf, dropsThatAreErrors } from './drops.js';
import { engineErrors } from './errors.js';
import type { Registry } from './registry.js';

/** Takes what a column has grown by. */
type Sink = (growth: number) => void;

/** Counters without labels that are columns of the engine. */
const plainCounters = {
  migrations: 'migrations',
  udpReceiveCalls: 'udpReceiveCalls',
  udpDatagramsReceived: 'udpDatagramsReceived',
  udpSendCalls: 'udpSendCalls',
  udpDatagramsSent: 'udpDatagramsSent',
  tunReads: 'tunReads',
  tunWrites: 'tunWrites',
  workerBusySeconds: 'workerBusy',
  workerWaitSeconds: 'workerWait',
  datagramsHandoverLost: 'handoverDatagramsLost',
} as const satisfies Partial<Record<TotalColumn, MetricKey>>;

/** Feeds the metrics that come from the engine's totals: packets, drops, times, handshakes, errors. */
export class EngineTotals {
  readonly #registry: Registry;
  readonly #sinks = new Map<TotalColumn, Sink[]>();
  readonly #fed: readonly (readonly [index: number, sinks: readonly Sink[]])[];
  readonly #seen = new Float64Array(totalColumns.length);

  constructor(registry: Registry) {
    this.#registry = registry;
    for (const direction of directions) this.#feedPackets(direction);
    this.#feedHandshakes();
    this.#feedLabelled();
    this.#feedRequests();
    for (const [column, key] of Object.entries(plainCounters) as [TotalColumn, MetricKey][]) {
      this.#count(column, key);
    }
    for (const [column, type] of Object.entries(engineErrors) as [TotalColumn, ErrorType][]) {
      this.#count(column, 'errors', type);
    }
    this.#fed = [...this.#sinks].map(([column, sinks]) => [totalColumns.indexOf(column), sinks]);
  }

  /** Credits what has grown since the last call. */
  read(snapshot: Snapshot): void {
    const { totals } = snapshot;
    for (const [index, sinks] of this.#fed) {
      const now = totals[index] ?? 0;
      const growth = now - (this.#seen[index] ?? 0);
      if (!(growth > 0)) continue;
      this.#seen[index] = now;
      for (const sink of sinks) sink(growth);
    }
    this.#audit(snapshot);
    this.#registry.family('quicConnections').set(snapshot.total('connections'));
    const inUse = this.#registry.family('engineOffloads');
    for (const offload of offloads) inUse.set(snapshot.total(`offloads.${offload}`), inUse.cell(offload));
  }

  /** What waits, and what the engine's own audit misses: only the engine sees all counters at one moment. */
  #audit(snapshot: Snapshot): void {
    const queuedFamily = this.#registry.family('packetsQueued');
    const unaccounted = this.#registry.family('packetsUnaccounted');
    for (const [cell, direction] of directions.entries()) {
      const queued = direction === 'outbound' ? snapshot.total('outboundQueued') : 0;
      queuedFamily.set(queued, cell);
      unaccounted.set(snapshot.total(`${direction}Unaccounted`), cell);
    }
  }

  #feedPackets(direction: Direction): void {
    this.#count(`${direction}Received`, 'enginePacketsReceived', direction);
    this.#count(`${direction}Forwarded`, 'enginePacketsForwarded', direction);
    for (const reason of dropReasons) {
      const column: TotalColumn = `${direction}Drops.${reason}`;
      this.#count(column, 'engineDrops', direction, reason);
      this.#count(column, 'packetDrops', dropClassOf[reason]);
      if (dropsThatAreErrors.includes(reason)) this.#count(column, 'errors', 'packet');
    }
    this.#feedProcessing(direction);
  }

  /** The engine's fine histogram as it is, and in the reference's buckets: each of its bounds lies in one of them. */
  #feedProcessing(direction: Direction): void {
    const { buckets } = contract.packetProcessingDuration;
    for (const [fine, bound] of processingBounds.entries()) {
      const coarse = buckets.findIndex((bucket) => bound <= bucket);
      this.#bin(`${direction}Processing<=${bound}s`, 'packetLatency', fine, direction);
      this.#bin(`${direction}Processing<=${bound}s`, 'packetProcessingDuration', coarse, direction);
    }
    this.#bin(`${direction}Processing>1s`, 'packetLatency', processingBounds.length, direction);
    this.#bin(`${direction}Processing>1s`, 'packetProcessingDuration', buckets.length, direction);
    this.#sum(`${direction}ProcessingSecondsTotal`, 'packetLatency', direction);
    this.#sum(`${direction}ProcessingSecondsTotal`, 'packetProcessingDuration', direction);
  }

  #feedHandshakes(): void {
    for (const outcome of handshakeOutcomes) this.#count(`handshakes.${outcome}`, 'handshakes', outcome);
    for (const [bin, bound] of handshakeBounds.entries()) {
      this.#bin(`handshakeDuration<=${bound}s`, 'handshakeDuration', bin);
    }
    this.#bin('handshakeDuration>1s', 'handshakeDuration', handshakeBounds.length);
    this.#sum('handshakeSecondsTotal', 'handshakeDuration');
  }

  #feedLabelled(): void {
    for (const cause of capsuleErrorCauses) this.#count(`capsuleErrors.${cause}`, 'capsuleErrors', cause);
    for (const kind of icmpKinds) this.#count(`icmpSent.${kind}`, 'icmpSent', kind);
    for (const kind of handoverKinds) this.#count(`${kind}HandedOver`, 'handovers', kind);
    this.#count('tunErrors', 'engineFaults', 'tun');
    this.#count('udpErrors', 'engineFaults', 'udp');
    this.#count('panics', 'engineFaults', 'panic');
  }

  /** Requests that the engine answers by itself. */
  #feedRequests(): void {
    this.#count('requestsMalformed', 'requests', 'CONNECT', 'failed');
    this.#count('requestsMalformed', 'admissionRefusals', 'REQUEST_MALFORMED', '400');
    this.#count('requestsOverflowed', 'requests', 'CONNECT', 'failed');
    this.#count('requestsOverflowed', 'admissionRefusals', 'ENGINE_OVERLOADED', '503');
  }

  #count(column: TotalColumn, key: MetricKey, ...labels: readonly string[]): void {
    const family = this.#registry.family(key);
    const cell = family.cell(...labels);
    this.#on(column, (growth) => family.add(growth, cell));
  }

  #bin(column: TotalColumn, key: MetricKey, bin: number, ...labels: readonly string[]): void {
    const family = this.#registry.family(key);
    const cell = family.cell(...labels);
    this.#on(column, (growth) => family.addBin(bin, growth, cell));
  }

  #sum(column: TotalColumn, key: MetricKey, ...labels: readonly string[]): void {
    const family = this.#registry.family(key);
    const cell = family.cell(...labels);
    this.#on(column, (growth) => family.addSum(growth, cell));
  }

  #on(column: TotalColumn, sink: Sink): void {
    this.#sinks.set(column, [...(this.#sinks.get(column) ?? []), sink]);
  }
}
