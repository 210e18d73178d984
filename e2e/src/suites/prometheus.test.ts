import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { dashboardQueries } from '../monitoring/dashboardQueries.js';
import { Prometheus } from '../monitoring/prometheus.js';
import { Proof } from '../monitoring/proof.js';
import { foreignAuthority, issue } from '../pki/certificates.js';
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
  const traffic = new Traffic();
  const done: Done = {
    admitted: 0,
    failed: 0,
    errors: { auth: 0, masque: 0, packet: 0 },
    slowestRequestSeconds: 0,
  };
  let lab: Lab;
  let server: VpnServer;
  let prometheus: Prometheus;
  let alice: VpnClient;
  let mallory: RogueClient;

  /** The sum over all series of a selector at the next scrape. */
  const scraped = (selector: string): Promise<number> =>
    prometheus.afterScrape(() => prometheus.value(`sum(${selector})`));

  /** How much selectors grow by what `act` does. */
  async function growth(selectors: readonly string[], act: () => Promise<void>): Promise<readonly number[]> {
    const values = (): Promise<readonly number[]> =>
      Promise.all(selectors.map((selector) => prometheus.value(`sum(${selector}) or vector(0)`)));
    const before = await prometheus.afterScrape(values);
    await act();
    const after = await prometheus.afterScrape(values);
    return after.map((value, index) => value - (before[index] ?? 0));
  }

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
    lab = cleanup.use(await Lab.create({ clients: 2 }));
    // 1420 bytes on alice's wire leave less in her tunnel than the 1400 of the server's device.
    await lab.internet.ip(['link set client1 mtu 1420']);
    await lab.client(1).namespace.ip(['link set eth0 mtu 1420']);
    // A TUN without link-local address: the kernel has nothing to announce through it.
    await lab.client(2).namespace.setting('net/ipv6/conf/default/addr_gen_mode', '1');
    server = cleanup.use(
      await VpnServer.start(lab, {
        settings: {
          pool: { ipv4: ['10.89.0.0/28'], quarantine_seconds: 0 },
          sessions: { per_client: 16 },
        },
      }),
    );
    prometheus = cleanup.use(
      await Prometheus.start(lab.host, `${lab.directory}/prometheus`, '203.0.113.1:8080', '3s'),
    );
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    done.admitted++;
    const profile = await server.addClient('mallory');
    mallory = cleanup.use(await RogueClient.create(lab.client(2).namespace, profile, lab.server.ipv4));
  }, 90_000);
  afterAll(async () => {
    await proof.write();
    await cleanup[Symbol.asyncDispose]();
  });

  const of = (client: string): readonly string[] =>
    ['packets_received', 'bytes_received', 'packets_sent', 'bytes_sent'].map(
      (name) => `masque_vpn_${name}_total{client_id="${client}"}`,
    );

  it.for([
    { family: 'ipv4', headers: 28 },
    { family: 'ipv6', headers: 48 },
  ] as const)(
    'counts every numbered datagram from a client, exactly ($family)',
    async ({ family, headers }) => {
      let sent = 0;
      const selectors = [
        ...of('alice'),
        'masque_vpn_packet_processing_duration_seconds_count{direction="inbound"}',
      ];
      const grown = await growth(selectors, async () => {
        const result = await traffic.udp(alice.machine, lab.host, lab.host[family], 8e6, 400);
        expect(result).toMatchObject({ received: result.sent, duplicates: 0, damaged: 0 });
        sent = result.sent;
      });
      const expected = [sent, sent * (1200 + headers), 0, 0, sent];
      selectors.forEach((selector, index) =>
        proof.add(
          selector,
          `${sent} UDP datagrams of 1200 bytes up, ${family}`,
          expected[index] ?? 0,
          grown[index] ?? 0,
        ),
      );
      expect(sent).toBeGreaterThan(100);
      expect(grown).toEqual(expected);
    },
  );

  it.for([
    { family: 'ipv4', headers: 28 },
    { family: 'ipv6', headers: 48 },
  ] as const)('counts every answer to a client, exactly ($family)', async ({ family, headers }) => {
    const { udpPort } = await lab.host.serving();
    const count = 40;
    const selectors = [
      ...of('alice'),
      'masque_vpn_packet_processing_duration_seconds_count{direction="outbound"}',
    ];
    const grown = await growth(selectors, async () => {
      for (let number = 0; number < count; number++) {
        const question = { address: lab.host[family], port: udpPort, answerBytes: 1000, withinMs: 5000 };
        expect(await alice.machine.agent.call('askUdp', question)).toEqual({ answered: true });
      }
    });
    const expected = [count, count * (4 + headers), count, count * (1000 + headers), count];
    selectors.forEach((selector, index) =>
      proof.add(
        selector,
        `${count} questions of 4 bytes, answers of 1000, ${family}`,
        expected[index] ?? 0,
        grown[index] ?? 0,
      ),
    );
    expect(grown).toEqual(expected);
  });

  it('follows a session from its request to its end', async () => {
    const selectors = [
      'masque_vpn_active_connections',
      'masque_vpn_total_connections',
      'masque_vpn_masque_requests_total{method="CONNECT",status="success"}',
      'masque_vpn_masque_requests_total{method="CONNECT",status="failed"}',
      'masque_vpn_masque_request_duration_seconds_count',
      'masque_vpn_ip_pool_used',
      'masque_vpn_ip_pool_available',
      'masque_vpn_ip_pool_total',
      'masque_vpn_quic_streams_total{client_id="mallory",stream_type="bidirectional"}',
      'masque_vpn_quic_streams_total{client_id="mallory",stream_type="unidirectional"}',
    ];
    let opened = { connectionId: 0, sessionId: 0 } as Awaited<ReturnType<typeof session>>;
    let openedMs = 0;
    const atOpening = await growth(selectors, async () => {
      opened = await session();
      openedMs = performance.now();
    });
    // Three of each side: control, and QPACK's encoder and decoder (RFC 9114 §6.2, RFC 9204 §4.2).
    const expected = [1, 1, 1, 0, 1, 1, -1, 0, 1, 6];
    selectors.forEach((selector, index) =>
      proof.add(selector, 'a session opens', expected[index] ?? 0, atOpening[index] ?? 0),
    );
    expect(atOpening).toEqual(expected);

    let seconds = 0;
    const ends = [
      'masque_vpn_active_connections',
      'masque_vpn_ip_pool_used',
      'masque_vpn_connection_duration_seconds_count{client_id="mallory"}',
      'masque_vpn_connection_duration_seconds_sum{client_id="mallory"}',
      'masque_vpn_quic_stream_duration_seconds_count{client_id="mallory"}',
      'masque_vpn_quic_stream_duration_seconds_sum{client_id="mallory"}',
    ];
    const atEnd = await growth(ends, async () => {
      seconds = (performance.now() - openedMs) / 1000;
      await mallory.engine.call('closeConnection', opened.connectionId, 0x100, '');
      await expect
        .poll(async () => (await server.sessions()).map(({ clientId }) => clientId))
        .toEqual(['alice']);
    });
    const [active, used, sessions, sessionSeconds = 0, streams, streamSeconds = 0] = atEnd;
    ends.forEach((selector, index) =>
      proof.add(
        selector,
        `it ends after ${seconds.toFixed(2)} s, 7 streams`,
        [-1, -1, 1, seconds, 7, 7 * seconds][index] ?? 0,
        atEnd[index] ?? 0,
      ),
    );
    expect([active, used, sessions, streams]).toEqual([-1, -1, 1, 7]);
    expect(Math.abs(sessionSeconds - seconds)).toBeLessThan(0.5);
    expect(Math.abs(streamSeconds - 7 * seconds)).toBeLessThan(3.5);
  });

  it('shows a session that was shorter than a scrape interval, of a client that was there before', async () => {
    const profile = await server.addClient('brief');
    await using brief = await RogueClient.create(lab.client(2).namespace, profile, lab.server.ipv4);
    const shortSession = async (): Promise<void> => {
      const { connectionId } = await brief.session();
      done.admitted++;
      await brief.engine.call('closeConnection', connectionId, 0x100, '');
      await expect
        .poll(async () => (await server.sessions()).map(({ clientId }) => clientId))
        .toEqual(['alice']);
    };
    const ended = 'masque_vpn_connection_duration_seconds_count{client_id="brief"}';
    await shortSession();
    expect(await scraped(ended)).toBe(1);
    await shortSession();
    expect(await scraped(ended)).toBe(2);
    const increase = await prometheus.value(`increase(${ended}[1m])`);
    proof.add(`increase(${ended}[1m])`, 'a second session of some milliseconds', 'above 0', increase);
    expect(increase).toBeGreaterThan(0);
  });

  it('tells the time by a clock of its own', async () => {
    const uptime = 'masque_vpn_server_uptime_seconds';
    const read = (): Promise<readonly number[]> =>
      Promise.all([uptime, `timestamp(${uptime})`].map((query) => prometheus.value(query)));
    const [before = NaN, beforeAt = NaN] = await prometheus.afterScrape(read);
    const [after = NaN, afterAt = NaN] = await prometheus.afterScrape(read);
    proof.add(uptime, 'time between two scrapes', afterAt - beforeAt, after - before);
    expect(afterAt).toBeGreaterThan(beforeAt);
    expect(Math.abs(after - before - (afterAt - beforeAt))).toBeLessThan(0.5);
    expect(
      Math.abs(afterAt - after - (await prometheus.value('masque_vpn_start_time_seconds'))),
    ).toBeLessThan(2);
  });

  it('tells errors and refusals apart: a foreign certificate, a malformed capsule, an unknown path', async () => {
    const selectors = [
      'masque_vpn_errors_total{error_type="auth"}',
      'masque_vpn_errors_total{error_type="masque"}',
      'masque_vpn_errors_total{error_type="connection"}',
      'masque_vpn_errors_total{error_type="packet"}',
      'masque_vpn_errors_total{error_type="tun"}',
      'masque_vpn_masque_requests_total{status="failed"}',
      'masque_vpn_admission_refusals_total{reason="REQUEST_PATH_UNKNOWN",status="404"}',
    ];
    const grown = await growth(selectors, async () => {
      const certificate = await issue(await foreignAuthority(), 'mallory');
      const event = await mallory.connect({ certificate });
      if (event.type === 'connected') await mallory.connectionClosed(event.connectionId);
      done.errors.auth++;

      const { connectionId, sessionId } = await session();
      // ADDRESS_REQUEST with IP version 9 (CIP-708).
      const value = Uint8Array.from([0x01, 0x09, 0, 0, 0, 0, 0x20]);
      await mallory.engine.call('sendCapsules', sessionId, [{ type: 2n, value }]);
      await mallory.closed(sessionId);
      await mallory.engine.call('closeConnection', connectionId, 0x100, '');
      done.errors.masque++;

      expect(await refused({ ':path': '/somewhere/else' })).toBe(404);
    });
    const expected = [1, 1, 0, 0, 0, 1, 1];
    selectors.forEach((selector, index) =>
      proof.add(
        selector,
        'foreign certificate, malformed capsule, unknown path',
        expected[index] ?? 0,
        grown[index] ?? 0,
      ),
    );
    expect(grown).toEqual(expected);
  });

  it('counts packets that it does not let through: a foreign source, and one too big for the path', async () => {
    const { connectionId, sessionId } = await session();
    const foreign = '198.51.100.7';
    await mallory.attachTun(sessionId, 'rogue0', [`${foreign}/32`], ['203.0.113.0/24']);
    const selectors = [
      'masque_vpn_engine_drops_total{direction="inbound",reason="spoofedSource"}',
      'masque_vpn_packet_drops_total{reason="invalid"}',
      'masque_vpn_errors_total{error_type="packet"}',
      'masque_vpn_packet_drops_total{reason="oversized"}',
      // The foreign sender is told, too (CIP-1003).
      'masque_vpn_icmp_sent_total{type="destinationUnreachable"}',
      'masque_vpn_icmp_sent_total{type="packetTooBig"}',
      'masque_vpn_packets_unaccounted',
    ];
    const { udpPort } = await lab.host.serving();
    const grown = await growth(selectors, async () => {
      const { received } = await ping(lab.client(2).namespace, lab.host.ipv4, { from: foreign, count: 5 });
      expect(received).toBe(0);
      done.errors.packet += 5;
      // 1400 bytes with all headers: right for the server's device, too big for alice's session.
      const question = { address: lab.host.ipv4, port: udpPort, answerBytes: 1372, withinMs: 300 };
      expect(await alice.machine.agent.call('askUdp', question)).toEqual({ answered: false });
    });
    await mallory.engine.call('closeConnection', connectionId, 0x100, '');
    const expected = [5, 5, 5, 1, 5, 1, 0];
    selectors.forEach((selector, index) =>
      proof.add(
        selector,
        '5 pings from a foreign address, 1 answer of 1400 bytes',
        expected[index] ?? 0,
        grown[index] ?? 0,
      ),
    );
    expect(grown).toEqual(expected);
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
      proof.add(query, `example: ${done.admitted} admitted`, `${least} to ${most}`, answer?.value ?? NaN);
      expect(answer?.value).toBeGreaterThanOrEqual(least);
      expect(answer?.value).toBeLessThanOrEqual(most);
    });

    it('average packet processing time', async () => {
      const query = example('rate(masque_vpn_packet_processing_duration_seconds_sum');
      const { rttMsMedian } = await ping(alice.machine.namespace, lab.host.ipv4, { count: 5 });
      const answer = await ask(query);
      expect(answer.map(({ labels }) => labels['direction']).sort()).toEqual(['inbound', 'outbound']);
      for (const { labels, value } of answer) {
        proof.add(
          `${query} (${labels['direction']})`,
          'example: less than a round trip',
          `< ${(rttMsMedian ?? 0) / 1000}`,
          value,
        );
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan((rttMsMedian ?? 0) / 1000);
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
        proof.add(`${query} (${type})`, `example: ${count} provoked`, `${least} to ${most}`, value);
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
      await scraped('up');
    }
    const queries = await dashboardQueries();
    const empty: string[] = [];
    for (const { row, panel, legend, expression } of queries) {
      const answer = await prometheus.query(expression);
      const finite = answer.filter(({ value }) => Number.isFinite(value));
      proof.add(
        expression,
        `dashboard: ${row}, ${panel}, ${legend}`,
        'data',
        `${finite.length} series, ${finite[0]?.value ?? 'none'}`,
      );
      if (finite.length === 0) empty.push(`${panel}: ${expression} → ${JSON.stringify(answer)}`);
    }
    expect(queries.length).toBeGreaterThan(80);
    expect(empty).toEqual([]);
  });

  it('has rules without errors', async () => {
    const rules = await prometheus.rules();
    for (const { name, type, health } of rules) proof.add(name, `${type} rule`, 'ok', health);
    expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError !== '')).toEqual([]);
    expect(rules.length).toBeGreaterThan(25);
  });

  it('exposes what promtool finds nothing wrong with, but names that the reference fixes', async () => {
    const { body } = await lab.host.agent.call('get', { url: 'http://203.0.113.1:8080/metrics' });
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
    expect(await scraped('max_over_time(masque_vpn_packets_unaccounted[10m]) != 0 or vector(0)')).toBe(0);
    expect((await prometheus.alerts()).filter(({ name }) => name === 'PacketsUnaccounted')).toEqual([]);
  });
});
