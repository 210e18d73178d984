import { describe, expect, test } from 'vitest';
import { StoreError } from '../store/storeError.js';
import { TestServer } from '../testing/testServer.js';
import { ChecksModel, DiagnosisModel, StatusModel, ThroughputModel } from './models.js';

const codesOf = (findings: readonly { readonly code: string }[]): readonly string[] =>
  findings.map(({ code }) => code);

/** The clock goes on until the answer is there. */
async function diagnosis(server: TestServer, client: string): Promise<DiagnosisModel> {
  let answer: unknown = null;
  const asked = server.call('GET', `/api/v1/clients/${client}/diagnosis`).then(({ body }) => (answer = body));
  await server.until('the diagnosis', () => {
    server.clock.advance(100);
    return answer !== null;
  });
  await asked;
  return DiagnosisModel.parse(answer);
}

describe('a whole server', () => {
  test('checks its host, and is convinced by a client from afar', async () => {
    await using server = await TestServer.start();
    const { checks } = ChecksModel.parse((await server.call('GET', '/api/v1/checks')).body);
    expect(checks.map(({ id }) => id)).toEqual(['udpPort', 'forwarding', 'nat']);
    // The host in memory knows no rules of a firewall.
    expect(codesOf(checks.find(({ id }) => id === 'nat')?.findings ?? [])).toEqual([
      'NAT_MISSING',
      'NAT_MISSING',
    ]);
  });

  test('says without TUN why nothing works', async () => {
    await using server = await TestServer.start({
      prepare: ({ engine }) => (engine.tun.failure = 'ENGINE_PERMISSION_DENIED'),
    });
    const { checks } = ChecksModel.parse((await server.call('GET', '/api/v1/checks')).body);
    expect(checks.slice(1).map(({ findings }) => codesOf(findings))).toEqual([['TUN_DOWN'], ['TUN_DOWN']]);
  });

  test('keeps what was moved, second by second', async () => {
    await using server = await TestServer.start();
    const alice = await server.connected(await server.addClient('alice'));
    await alice.request();
    for (let second = 0; second < 3; second += 1) {
      server.clock.advance(1_000);
      await server.network.settle();
    }
    const { body } = await server.call('GET', '/api/v1/throughput?range=15m');
    const model = ThroughputModel.parse(body);
    expect([model.resolutionMs, model.openSessions.at(-1)]).toEqual([1_000, 1]);
    expect(model.bytesSentPerSecond).toHaveLength(model.refusals.length);
    expect((await server.call('GET', '/api/v1/throughput?range=2y')).status).toBe(400);
  });

  test('shows its health in its status', async () => {
    await using server = await TestServer.start();
    await server.addClient('alice');
    const { certificates, store, process, publicHost } = StatusModel.parse(
      (await server.call('GET', '/api/v1/status')).body,
    );
    expect(certificates.nextClientNotAfterMs).toBeGreaterThan(server.clock.now());
    expect(certificates.authorityNotAfterMs).toBeGreaterThan(certificates.serverNotAfterMs);
    expect([store.kind, store.failures, store.writeMs === null]).toEqual(['sqlite', 0, false]);
    expect([process.openFiles === null, publicHost]).toEqual([false, expect.any(String)]);
  });

  test('tells why a client is not here, then that it is, then why it was refused', async () => {
    await using server = await TestServer.start();
    const credential = await server.addClient('alice');
    expect(codesOf((await diagnosis(server, 'alice')).connection)).toEqual([
      'CLIENT_NEVER_SEEN',
      'NOTHING_IN_THE_WAY',
    ]);
    const alice = await server.connected(credential);
    await alice.request();
    const connected = await diagnosis(server, 'alice');
    expect([connected.connected, ...codesOf(connected.connection)]).toEqual([true, 'CLIENT_CONNECTED']);
    expect(codesOf(connected.speed)).toEqual(['NOTHING_SLOWS']);
    await server.call('PATCH', '/api/v1/clients/alice', { enabled: false });
    await server.until('the end', async () => (await server.sample('active_connections')) === 0);
    const again = await server.connected(credential);
    expect((await again.request()).status).toBe(403);
    await server.until('the record', async () =>
      codesOf((await diagnosis(server, 'alice')).connection).includes('REFUSED_LATELY'),
    );
    const { connection, speed } = await diagnosis(server, 'alice');
    expect(codesOf(connection)).toEqual(['CLIENT_DISABLED', 'REFUSED_LATELY']);
    expect(connection[1]?.facts).toMatchObject({ reason: 'CLIENT_DISABLED', count: 1 });
    expect(codesOf(speed)).toEqual(['CLIENT_NOT_CONNECTED']);
  });

  test('knows of links, and of clients that nobody made', async () => {
    await using server = await TestServer.start();
    await server.call('POST', '/api/v1/clients', { name: 'bob', enrolment: { lifetimeHours: 1 } });
    expect(codesOf((await diagnosis(server, 'bob')).connection).slice(0, 2)).toEqual([
      'CLIENT_NOT_ENROLLED',
      'LINK_UNUSED',
    ]);
    expect((await server.call('GET', '/api/v1/clients/nobody/diagnosis')).status).toBe(404);
  });

  test('diagnoses without its database, as far as it can', async () => {
    await using server = await TestServer.start();
    await server.addClient('alice');
    server.storeFailure = new StoreError('STORE_FULL', 'the disk is full');
    expect(codesOf((await diagnosis(server, 'alice')).connection)).toContain('STORE_UNAVAILABLE');
    server.storeFailure = null;
  });
});
