import { congestionModes, totalColumns } from '@masque-vpn/engine';
import { ManualClock } from '@masque-vpn/engine/fake';
import { expect, test } from 'vitest';
import { admissionRefusalCodes, refusalFor, type RefusalCode } from '../admission/refusal.js';
import { parseExposition, type ParsedSample } from '../testing/exposition.js';
import type { Clock } from '../process/clock.js';
import { StubMetrics } from '../testing/stubMetrics.js';
import { contract, type MetricDeclaration } from './contract.js';
import { requestRefusalStatuses } from './contract/requestRefusals.js';
import { LoopLag } from './loopLag.js';
import { Scraper } from './scrape.js';
import { storeTimes } from './storeTimes.js';

/** Makes everything happen that can: after it, a series that still stands at 0 is fed by nothing. */
async function everythingOnce(): Promise<string> {
  const stub = new StubMetrics({ clientCeiling: 1 });
  const { clock, engine, metrics } = stub;
  for (const column of totalColumns) engine.totals[column] = 1;

  stub.admit(1, 'alice', 1);
  stub.admit(2, 'bob', 2);
  const traffic = { bytesSent: 9, bytesReceived: 8, packetsSent: 7, packetsReceived: 6, queuedBytes: 5 };
  engine.sessions.set(1, { open: 1, ...traffic });
  engine.sessions.set(2, { open: 1, ...traffic });
  const congestion = { congestionWindowBytes: 50_000, congestionRateBytesPerSecond: 1_000_000 };
  const path = { rttMicroseconds: 20_000, pathMtu: 1_400, ...congestion };
  const packets = { packetsSent: 100, packetsLost: 1, udpBytesSent: 9_000, udpBytesReceived: 8_000 };
  const streams = {
    unidirectionalStreams: 3,
    bidirectionalStreams: 1,
    'streams<=1s': 1,
    streamSecondsTotal: 1,
  };
  engine.connections.set(1, { open: 1, ...path, ...packets, ...streams });
  engine.connections.set(2, { open: 1, ...path, ...packets, ...streams });
  for (const index of congestionModes.keys()) {
    stub.admit(100 + index, 'bob', 100 + index);
    engine.connections.set(100 + index, { open: 1, congestionMode: 1 + index });
  }
  metrics.samplePaths();

  for (const code of admissionRefusalCodes) metrics.refused(refusalFor(code), clock.now() - 5);
  for (const [code, status] of Object.entries(requestRefusalStatuses)) {
    if (code !== 'ENGINE_OVERLOADED') metrics.refused({ code: code as RefusalCode, status }, clock.now());
  }
  metrics.abandoned(clock.now());
  metrics.capsuleRefused();
  metrics.accessEnded(0.02);
  metrics.serverCertificateUsed(clock.now());
  for (const [index, cause] of contract.sessionEnds.labels.cause.entries()) {
    stub.admit(10 + index, 'alice');
    clock.advance(10);
    metrics.ended(engine.session(10 + index), cause, () => undefined);
  }
  for (const [index, cause] of contract.quicConnectionEnds.labels.cause.entries()) {
    metrics.connectionEnded(engine.connection(10 + index), cause);
  }
  const store = storeTimes(metrics.registry);
  store.answered('read', 1);
  store.answered('write', 2);
  store.failed();
  const machine = new ManualClock();
  // The machine's clock goes on while a timer is late.
  let late = 0;
  using lag = new LoopLag(metrics.registry, {
    monotonic: () => machine.monotonic() + late++,
    after: (delayMs, task) => machine.after(delayMs, task),
  });
  machine.advance(20);
  expect(lag).toBeDefined();

  const scraper = new Scraper(metrics, clockThatMoves(clock), 0);
  for await (const chunk of await scraper.scrape()) expect(chunk).toBeDefined();
  let text = '';
  for await (const chunk of await scraper.scrape()) text += String(chunk);
  return text;
}

/** Reading the time takes time. */
function clockThatMoves(clock: ManualClock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => {
      clock.advance(1);
      return clock.monotonic();
    },
    after: (delayMs, task) => clock.after(delayMs, task),
  };
}

const exposed = parseExposition(await everythingOnce());
const declared: readonly MetricDeclaration[] = Object.values(contract);

/** A histogram's series move together: its count says whether it is fed. */
function counting(metric: MetricDeclaration, samples: readonly ParsedSample[]): readonly ParsedSample[] {
  if (metric.type !== 'histogram') return samples;
  return samples.filter(({ name }) => name === `${metric.name}_count` || name === `${metric.name}_sum`);
}

/** Series that stand still because what they count cannot happen. */
const neverMoves = (metric: MetricDeclaration, labels: Readonly<Record<string, string>>): boolean =>
  // Inbound packets never wait.
  metric.name === 'masque_vpn_packets_queued' && labels['direction'] === 'inbound';

test.each(declared)('$name is fed, each of its series', (metric) => {
  const samples = counting(metric, exposed.get(metric.name)?.samples ?? []);
  const still = samples.filter(({ labels, value }) => value === 0 && !neverMoves(metric, labels));
  // `_other` has no history of sessions that ended: bob's goes on.
  const unfed = still.filter(
    ({ labels }) => labels['client_id'] !== '_other' && labels['client_id'] !== '_none',
  );
  expect(samples.length).toBeGreaterThan(0);
  expect(unfed).toEqual([]);
});

test('nothing is exposed that is not declared', () => {
  expect([...exposed.keys()]).toEqual(declared.map(({ name }) => name));
  for (const { name, labels } of declared) {
    const allowed = [...Object.keys(labels), 'le'].sort();
    for (const sample of exposed.get(name)?.samples ?? []) {
      for (const [label, value] of Object.entries(sample.labels)) {
        expect(allowed).toContain(label);
        const values = labels[label];
        if (Array.isArray(values)) expect(values).toContain(value);
      }
    }
  }
});

test('the series are as many as the scrape says', () => {
  const count = [...exposed.values()].reduce((sum, { samples }) => sum + samples.length, 0);
  expect(exposed.get('masque_vpn_scrape_series')?.samples[0]?.value).toBe(count);
});
