import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../lab/lab.js';
import type { VpnClient } from '../lab/vpnClient.js';
import type { VpnServer } from '../lab/vpnServer.js';
import { contractNames } from '../metrics/contract.js';
import { dashboardQueries } from '../monitoring/dashboardQueries.js';
import { metricsTarget, MonitoredLab } from '../monitoring/monitoredLab.js';
import { Prometheus, type Series } from '../monitoring/prometheus.js';
import { Proof } from '../monitoring/proof.js';
import { foreignAuthority } from '../pki/certificates.js';
import { Cleanup } from '../process/cleanup.js';
import { run } from '../process/run.js';
import { inRepository } from '../repository.js';
import { RogueClient } from '../rogue/rogueClient.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

/** Addresses of a /28 that clients can get: 16 without network, broadcast and the server's own. */
const poolSize = 13;

/** What was done to the server since its start, counted by us. */
interface Done {
  admitted: number;
  failed: number;
  readonly errors: { auth: number; masque: number; packet: number };
  /** Longest time from a request to its answer, as a client sees it. */
  slowestRequestSeconds: number;
}

describe('a real Prometheus and a server under real traffic', () => {
  const cleanup = new Cleanup();
  const proof = new Proof('prometheus');
  const panels = new Proof('dashboard', ['row', 'panel', 'series', 'answer']);
  const traffic = new Traffic();
  const done: Done = {
    admitted: 0,
    failed: 0,
    errors: { auth: 0, masque: 0, packet: 0 },
    slowestRequestSeconds: 0,
  };
  let monitored: MonitoredLab;
  let lab: Lab;
  let server: VpnServer;
  let prometheus: Prometheus;
  let alice: VpnClient;
  let mallory: RogueClient;

  async function refused(changes: Readonly<Record<string, string>>): Promise<number> {
    const connectionId = await mallory.connected();
    const startedMs = performance.now();
    const answer = await mallory.request(connectionId, changes);
    done.slowestRequestSeconds = Math.max(done.slowestRequestSeconds, (performance.now() - startedMs) / 1000);
    done.failed++;
    await mallory.engine.call('closeConnection', connectionId, 0x100, '');
    return 'status' in answer ? answer.status : 0;
  }

  /** A session that mallory opens, with its connection. */
  async function session(): Promise<Awaited<ReturnType<RogueClient['session']>>> {
    const opened = await mallory.session();
    done.admitted++;
    return opened;
  }

  beforeAll(async () => {
    monitored = cleanup.use(
      await MonitoredLab.create(proof, {
        settings: {
          pool: { ipv4: ['10.89.0.0/28'], quarantine_seconds: 0 },
          sessions: { per_client: 16 },
        },
        prepare: async (lab) => {
          // 1420 bytes on alice's wire leave less in her tunnel than the 1400 of the server's device.
          await lab.internet.ip(['link set client1 mtu 1420']);
          await lab.client(1).namespace.ip(['link set eth0 mtu 1420']);
          // A TUN without link-local address: the kernel has nothing to announce through it.
          await lab.client(2).namespace.setting('net/ipv6/conf/default/addr_gen_mode', '1');
          return {};
        },
      }),
    );
    ({ lab, server, prometheus, alice, mallory } = monitored);
    done.admitted++;
  });
  afterAll(async () => {
    await proof.write();
    await panels.write();
    await cleanup[Symbol.asyncDispose]();
  });

  const of = (client: string): readonly string[] =>
    ['packets_received', 'bytes_received', 'packets_sent', 'bytes_sent'].map(
      (name) => `masque_vpn_${name}_total{client_id="${client}"}`,
    );
  const processed = (direction: string): string =>
    `masque_vpn_packet_processing_duration_seconds_count{direction="${direction}"}`;

  it.for([
    { family: 'ipv4', headers: 28 },
    { family: 'ipv6', headers: 48 },
  ] as const)('counts every numbered datagram from a client, exactly ($family)', ({ family, headers }) =>
    monitored.proves(
      [...of('alice'), processed('inbound')],
      `UDP datagrams of 1200 bytes up, ${family}`,
      async () => {
        const result = await traffic.udp(alice.machine, lab.host, lab.host[family], 8e6, 400);
        const { sent } = result;
        expect(result).toMatchObject({ received: sent, duplicates: 0, damaged: 0 });
        expect(sent).toBeGreaterThan(100);
        return [sent, sent * (1200 + headers), 0, 0, sent];
      },
    ),
  );

  it.for([
    { family: 'ipv4', headers: 28 },
    { family: 'ipv6', headers: 48 },
  ] as const)('counts every answer to a client, exactly ($family)', async ({ family, headers }) => {
    const { udpPort } = await lab.host.serving();
    const count = 40;
    await monitored.proves(
      [...of('alice'), processed('outbound')],
      `${count} questions of 4 bytes, answers of 1000, ${family}`,
      async () => {
        for (let number = 0; number < count; number++) {
          const question = { address: lab.host[family], port: udpPort, answerBytes: 1000, withinMs: 5000 };
          expect(await alice.machine.agent.call('askUdp', question)).toEqual({ answered: true });
        }
        return [count, count * (4 + headers), count, count * (1000 + headers), count];
      },
    );
  });

  it('follows a session from its request to its end', async () => {
    let opened = { connectionId: 0, sessionId: 0 } as Awaited<ReturnType<typeof session>>;
    let askedMs = 0;
    let openedMs = 0;
    // Streams: one of each side, control (RFC 9114 §6.2); QPACK without a dynamic table needs none (RFC 9204 §4.2).
    const atOpening = {
      masque_vpn_active_connections: 1,
      masque_vpn_total_connections: 1,
      'masque_vpn_masque_requests_total{method="CONNECT",status="success"}': 1,
      'masque_vpn_masque_requests_total{method="CONNECT",status="failed"}': 0,
      masque_vpn_masque_request_duration_seconds_count: 1,
      masque_vpn_ip_pool_used: 1,
      masque_vpn_ip_pool_available: -1,
      masque_vpn_ip_pool_total: 0,
      'masque_vpn_quic_streams_total{client_id="mallory",stream_type="bidirectional"}': 1,
      'masque_vpn_quic_streams_total{client_id="mallory",stream_type="unidirectional"}': 2,
    };
    await monitored.proves(Object.keys(atOpening), 'a session opens', async () => {
      askedMs = performance.now();
      opened = await session();
      openedMs = performance.now();
      return Object.values(atOpening);
    });

    /** The least and the most that it can have lasted, as its client saw it. */
    let least = 0;
    let most = 0;
    const ends = [
      'masque_vpn_active_connections',
      'masque_vpn_ip_pool_used',
      'masque_vpn_connection_duration_seconds_count{client_id="mallory"}',
      'masque_vpn_quic_stream_duration_seconds_count{client_id="mallory"}',
      'masque_vpn_connection_duration_seconds_sum{client_id="mallory"}',
      'masque_vpn_quic_stream_duration_seconds_sum{client_id="mallory"}',
    ];
    const atEnd = await monitored.growth(ends, async () => {
      least = (performance.now() - openedMs) / 1000;
      await mallory.engine.call('closeConnection', opened.connectionId, 0x100, '');
      await monitored.onlyAliceConnected();
      most = (performance.now() - askedMs) / 1000 + 0.5;
    });
    const expected = [-1, -1, 1, 3, least, 3 * least];
    for (const [index, selector] of ends.entries()) {
      proof.add(selector, 'it ends, with 3 streams', expected[index] ?? NaN, atEnd[index] ?? NaN);
    }
    expect(atEnd.slice(0, 4)).toEqual(expected.slice(0, 4));
    const [sessionSeconds = NaN, streamSeconds = NaN] = atEnd.slice(4);
    for (const lasted of [sessionSeconds, streamSeconds / 3]) {
      expect(lasted).toBeGreaterThan(least - 0.01);
      expect(lasted).toBeLessThan(most);
    }
  });

  it('shows all of a first session that is shorter than a scrape interval, to two Prometheus servers', async () => {
    const second = { port: 9091, scraper: 'second', directory: `${lab.directory}/second` };
    await using other = await Prometheus.start(lab.host, {
      target: metricsTarget,
      patience: '3s',
      ...second,
    });
    const profile = await server.addClient('brief');
    await using brief = await RogueClient.create(lab.client(2).namespace, profile, lab.server.ipv4);
    const { connectionId, sessionId } = await brief.session();
    done.admitted++;
    const { addresses } = (await server.sessions()).find(({ clientId }) => clientId === 'brief') ?? {};
    const [own = ''] = addresses ?? [];
    await brief.attachTun(sessionId, 'brief0', [`${own}/32`], [`${lab.host.ipv4}/32`]);
    const { received } = await ping(lab.client(2).namespace, lab.host.ipv4, { from: own, count: 3 });
    await brief.engine.call('closeConnection', connectionId, 0x100, '');
    await monitored.onlyAliceConnected();
    expect(received).toBe(3);
    for (const [name, scraper] of [['one Prometheus', prometheus] as const, ['another', other] as const]) {
      const selector = 'masque_vpn_bytes_received_total{client_id="brief"}';
      const [first, grown, increase] = await scraper.afterScrape(() =>
        Promise.all(
          [
            `min_over_time(${selector}[1m])`,
            `max_over_time(${selector}[1m]) - min_over_time(${selector}[1m])`,
            `increase(${selector}[1m])`,
          ].map((query) => scraper.value(query)),
        ),
      );
      // 56 bytes of payload with 28 of headers.
      proof.add(selector, `a first session with 3 pings, ${name}`, 3 * 84, grown ?? NaN);
      expect([first, grown]).toEqual([0, 3 * 84]);
      expect(increase).toBeGreaterThan(0);
    }
  });

  it('tells the time by a clock of its own', async () => {
    const uptime = 'masque_vpn_server_uptime_seconds';
    const read = (): Promise<readonly number[]> =>
      Promise.all([uptime, `timestamp(${uptime})`].map((query) => prometheus.value(query)));
    const [before = NaN, beforeAt = NaN] = await prometheus.afterScrape(read);
    const [after = NaN, afterAt = NaN] = await prometheus.afterScrape(read);
    proof.add(uptime, 'time between two scrapes', afterAt - beforeAt, after - before);
    expect(afterAt).toBeGreaterThan(beforeAt);
    // Two scrapes or more lie between them, and each may wait its whole timeout for the answer.
    expect(Math.abs(after - before - (afterAt - beforeAt))).toBeLessThan(1);
    expect(
      Math.abs(afterAt - after - (await prometheus.value('masque_vpn_start_time_seconds'))),
    ).toBeLessThan(2);
  });

  it('tells errors from refusals and scans: certificates, a malformed capsule, an unknown path', async () => {
    const grows = {
      'masque_vpn_errors_total{error_type="auth"}': 1,
      'masque_vpn_errors_total{error_type="masque"}': 1,
      'masque_vpn_errors_total{error_type="connection"}': 0,
      'masque_vpn_errors_total{error_type="packet"}': 0,
      'masque_vpn_errors_total{error_type="tun"}': 0,
      'masque_vpn_masque_requests_total{status="failed"}': 1,
      'masque_vpn_admission_refusals_total{reason="REQUEST_PATH_UNKNOWN",status="404"}': 1,
      'masque_vpn_handshakes_total{outcome="certificateRefused"}': 1,
      'masque_vpn_handshakes_total{outcome="serverDistrusted"}': 1,
    };
    const event = 'a foreign certificate, distrust of ours, a malformed capsule, an unknown path';
    await monitored.proves(Object.keys(grows), event, async () => {
      await monitored.presentForeignCertificates(1);
      done.errors.auth++;
      const { certificatePem: anchors } = await foreignAuthority();
      expect(await mallory.connect({ anchors })).toMatchObject({ cause: 'peerUntrusted' });

      const { connectionId, sessionId } = await session();
      // ADDRESS_REQUEST with IP version 9 (CIP-708).
      const value = Uint8Array.from([0x01, 0x09, 0, 0, 0, 0, 0x20]);
      await mallory.engine.call('sendCapsules', sessionId, [{ type: 2n, value }]);
      await mallory.closed(sessionId);
      await mallory.engine.call('closeConnection', connectionId, 0x100, '');
      done.errors.masque++;

      expect(await refused({ ':path': '/somewhere/else' })).toBe(404);
      return Object.values(grows);
    });
  });

  it('counts packets that it does not let through: a foreign source, and one too big for the path', async () => {
    const { connectionId, sessionId } = await session();
    const foreign = '198.51.100.7';
    await mallory.attachTun(sessionId, 'rogue0', [`${foreign}/32`], ['203.0.113.0/24']);
    const { udpPort } = await lab.host.serving();
    const grows = {
      'masque_vpn_engine_drops_total{direction="inbound",reason="spoofedSource"}': 5,
      'masque_vpn_packet_drops_total{reason="invalid"}': 5,
      'masque_vpn_errors_total{error_type="packet"}': 5,
      'masque_vpn_packet_drops_total{reason="oversized"}': 1,
      // The foreign sender is told, too (CIP-1003).
      'masque_vpn_icmp_sent_total{type="destinationUnreachable"}': 5,
      'masque_vpn_icmp_sent_total{type="packetTooBig"}': 1,
      masque_vpn_packets_unaccounted: 0,
      masque_vpn_tun_interface_status: 0,
    };
    const event = '5 pings from a foreign address, 1 answer of 1400 bytes';
    await monitored.proves(Object.keys(grows), event, async () => {
      const { received } = await ping(lab.client(2).namespace, lab.host.ipv4, { from: foreign, count: 5 });
      expect(received).toBe(0);
      done.errors.packet += 5;
      // 1400 bytes with all headers: right for the server's device, too big for alice's session.
      const question = { address: lab.host.ipv4, port: udpPort, answerBytes: 1372, withinMs: 300 };
      expect(await alice.machine.agent.call('askUdp', question)).toEqual({ answered: false });
      return Object.values(grows);
    });
    await mallory.engine.call('closeConnection', connectionId, 0x100, '');
  });

  it('has proven each of the 19', () => {
    const subjects = proof.subjects.join('\n');
    const unproven = contractNames.filter((name) => !subjects.includes(name.replace('masque_vpn_', '')));
    expect(unproven).toEqual([]);
  });

  describe('the example queries of the reference', () => {
    /** A rate over five minutes of something that began at zero, within what Prometheus extrapolates at the end. */
    const nearly = (count: number): readonly [number, number] => [
      (count / 300) * 0.999,
      (count / 300) * 1.15,
    ];
    let examples: readonly string[];

    beforeAll(async () => {
      const reference = await readFile(inRepository('docs', 'metrics-reference.md'), 'utf8');
      examples = [...reference.matchAll(/```promql\n(.*?)```/gs)].map(([, query = '']) => query.trim());
      expect(await refused({ ':path': '/somewhere/else' })).toBe(404);
    });
    const example = (start: string): string => {
      const found = examples.find((query) => query.startsWith(start));
      if (found === undefined) throw new Error(`no example ${start}`);
      return found;
    };
    const ask = (query: string) => prometheus.afterScrape(() => prometheus.query(query));

    it('are the six that are proven here', () => {
      expect(examples).toHaveLength(6);
    });

    it('active connections', async () => {
      const query = example('masque_vpn_active_connections');
      const [answer] = await ask(query);
      proof.add(query, 'example: open sessions', (await server.sessions()).length, answer?.value ?? NaN);
      expect(answer?.value).toBe((await server.sessions()).length);
    });

    it('connection success rate', async () => {
      const query = example('rate(masque_vpn_total_connections');
      const [least, most] = nearly(done.admitted);
      const [answer] = await ask(query);
      proof.add(
        query,
        `example: ${done.admitted} admitted`,
        `${shortly(least)} to ${shortly(most)}`,
        answer?.value ?? NaN,
      );
      expect(answer?.value).toBeGreaterThanOrEqual(least);
      expect(answer?.value).toBeLessThanOrEqual(most);
    });

    it('average packet processing time', async () => {
      const query = example('rate(masque_vpn_packet_processing_duration_seconds_sum');
      const [answer, buckets] = await prometheus.afterScrape(() =>
        Promise.all([
          prometheus.query(query),
          prometheus.query('rate(masque_vpn_packet_processing_duration_seconds_bucket[5m])'),
        ]),
      );
      expect(answer.map(({ labels }) => labels['direction']).sort()).toEqual(['inbound', 'outbound']);
      for (const { labels, value } of answer) {
        const [least, most] = meanWithin(
          buckets.filter(({ labels: { direction } }) => direction === labels['direction']),
        );
        proof.add(
          `${query} (${labels['direction']})`,
          'example: between the bounds of its buckets',
          `${shortly(least)} to ${shortly(most)}`,
          value,
        );
        // Each series is extrapolated to five minutes by itself: up to 15 percent apart.
        expect(value).toBeGreaterThan(least / 1.15);
        expect(value).toBeLessThan(most * 1.15);
      }
    });

    it('IP pool utilization', async () => {
      const query = example('(masque_vpn_ip_pool_used');
      const expected = ((await server.sessions()).length / poolSize) * 100;
      const [answer] = await ask(query);
      proof.add(query, 'example: sessions of 13 addresses', expected, answer?.value ?? NaN);
      expect(answer?.value).toBeCloseTo(expected, 9);
    });

    it('error rate by type', async () => {
      const query = example('rate(masque_vpn_errors_total');
      const answer = await ask(query);
      expect(answer).toHaveLength(5);
      for (const { labels, value } of answer) {
        const type = labels['error_type'] ?? '';
        const count = Object.entries(done.errors).find(([name]) => name === type)?.[1] ?? 0;
        const [least, most] = nearly(count);
        proof.add(
          `${query} (${type})`,
          `example: ${count} provoked`,
          `${shortly(least)} to ${shortly(most)}`,
          value,
        );
        expect(value).toBeGreaterThanOrEqual(least);
        expect(value).toBeLessThanOrEqual(most);
      }
    });

    it('MASQUE request latency, 95th percentile', async () => {
      const query = example('histogram_quantile(0.95');
      const [answer] = await ask(query);
      // Estimated within a bucket: up to the bound above the slowest. Alice's request was not timed by us.
      const bounds = [0.1, 0.5, 1];
      const most = bounds.find((bound) => bound >= done.slowestRequestSeconds) ?? 1;
      proof.add(query, 'example: answers within 0.1 s', `0 to ${most}`, answer?.value ?? NaN);
      expect(answer?.value).toBeGreaterThan(0);
      expect(answer?.value).toBeLessThanOrEqual(most);
    });
  });

  /** A client that is disabled while it has a session. */
  async function loseAccess(name: string): Promise<void> {
    const profile = await server.addClient(name);
    await using client = await RogueClient.create(lab.client(2).namespace, profile, lab.server.ipv4);
    const { sessionId } = await client.session();
    done.admitted++;
    expect(await server.admin('client', 'disable', name)).toMatchObject({ code: 0 });
    await client.closed(sessionId);
  }

  it('answers every query of the dashboard with data', async () => {
    // Twice, with a scrape between: something that happened before its series was first scraped has no rate.
    for (let round = 0; round < 2; round++) {
      await refused({ ':path': '/somewhere/else' });
      const { connectionId, sessionId } = await session();
      await mallory
        .attachTun(sessionId, `rogue${round + 1}`, ['198.51.100.7/32'], ['203.0.113.0/24'])
        .catch(() => undefined);
      await ping(lab.client(2).namespace, lab.host.ipv4, { from: '198.51.100.7', count: 1 });
      await traffic.udp(alice.machine, lab.host, lab.host.ipv4, 4e6, 200);
      await ping(alice.machine.namespace, lab.host.ipv4);
      await mallory.engine.call('closeConnection', connectionId, 0x100, '');
      await loseAccess(`lost${round}`);
      await monitored.scraped('up');
    }
    const queries = await dashboardQueries();
    const empty: string[] = [];
    for (const { row, panel, legend, expression } of queries) {
      const answer = await prometheus.query(expression);
      const finite = answer.filter(({ value }) => Number.isFinite(value));
      panels.add(row, panel, legend, `${finite.length} series, ${shortly(finite[0]?.value)}`);
      if (finite.length === 0) empty.push(`${panel}: ${expression} → ${JSON.stringify(answer)}`);
    }
    expect(queries.length).toBeGreaterThan(80);
    expect(empty).toEqual([]);
  });

  it('has rules without errors', async () => {
    const rules = await prometheus.rules();
    expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError !== '')).toEqual([]);
    expect(rules.length).toBeGreaterThan(25);
  });

  it('exposes what promtool finds nothing wrong with, but names that the reference fixes', async () => {
    const { body } = await lab.host.agent.call('get', { url: `http://${metricsTarget}/metrics` });
    const { stdout, stderr } = await run(
      { program: 'promtool', args: ['check', 'metrics'] },
      { input: body },
    );
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    proof.add('promtool check metrics', 'names that the reference fixes', 3, complaints.length);
    expect(complaints.map((line) => line.split(' ')[0]).sort()).toEqual([
      // A gauge in spite of its ending.
      'masque_vpn_ip_pool_total',
      // Counters without the ending.
      'masque_vpn_server_uptime_seconds',
      'masque_vpn_total_connections',
    ]);
  });

  it('lost count of no packet, ever', async () => {
    expect(
      await monitored.scraped('max_over_time(masque_vpn_packets_unaccounted[10m]) != 0 or vector(0)'),
    ).toBe(0);
    expect((await prometheus.alerts()).filter(({ name }) => name === 'PacketsUnaccounted')).toEqual([]);
  });
});

/** A value as a table shows it. */
function shortly(value: number | undefined): string {
  return value === undefined ? 'none' : String(Number(value.toPrecision(3)));
}

/**
 * What the mean of a histogram's observations is at least and at most: as if all of each bucket lay
 * at its lower and at its upper bound.
 */
function meanWithin(cumulative: readonly Series[]): readonly [number, number] {
  const buckets = cumulative
    .map(({ labels, value }) => ({ upper: Number(labels['le']?.replace('+Inf', 'Infinity')), value }))
    .sort((a, b) => a.upper - b.upper);
  let [total, least, most, lower, below] = [0, 0, 0, 0, 0];
  for (const { upper, value } of buckets) {
    const inside = value - below;
    if (inside > 0) {
      total += inside;
      least += inside * lower;
      most += inside * upper;
    }
    [lower, below] = [upper, value];
  }
  if (total === 0) throw new Error('no observation in any bucket');
  return [least / total, most / total];
}
