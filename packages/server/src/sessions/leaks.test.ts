import { expect, test } from 'vitest';
import { parseExposition } from '../testing/exposition.js';
import { TestClient } from '../testing/testClient.js';
import { TestServer } from '../testing/testServer.js';

const waves = 50;
const inWave = 20;

/** Of each wave one connection is refused, one is cut off, some reset their stream, the others say goodbye. */
test('1,000 connects and disconnects leave nothing behind', { timeout: 60_000 }, async () => {
  const sessions = { idleTimeoutMs: 30_000, perClient: 100, perConnection: 16, max: 100, drainMs: 1_000 };
  await using server = await TestServer.start({ config: { sessions } });
  const credential = await server.addClient('alice');
  for (let wave = 0; wave < waves; wave += 1) {
    await Promise.all(
      Array.from({ length: inWave }, async (_, index) => {
        await using client = await server.connected(index === 0 ? null : credential);
        const instance = `0b5e7a3c-2f7d-4f5b-9a39-${String(wave * inWave + index).padStart(12, '0')}`;
        const { sessionId } = await client.request(TestClient.headers({ instance }));
        if (index === 1) client.engine.kill();
        else if (index % 5 === 0) client.engine.abort(sessionId, 0x10c);
        client.disconnect();
      }),
    );
    // Idle timeout and quarantine, or 253 addresses would not do.
    server.clock.advance(61_000);
  }
  await server.until(
    'the last session to end',
    async () => (await server.sample('active_connections')) === 0,
  );
  server.clock.advance(91_000);
  const failed = { method: 'CONNECT', status: 'failed' };
  expect(await server.sample('ip_pool_used')).toBe(0);
  expect(await server.sample('total_connections')).toBe(waves * (inWave - 1));
  expect(await server.sample('masque_requests_total', failed)).toBe(waves);
  expect(await server.sample('connection_duration_seconds_count', { client_id: 'alice' })).toBe(
    waves * (inWave - 1),
  );
  const clients = [...parseExposition(await server.scrape()).values()].flatMap(({ samples }) =>
    samples.flatMap(({ labels }) => labels['client_id'] ?? []),
  );
  expect([...new Set(clients)].sort()).toEqual(['_none', 'alice']);
  expect(server.logs.filter(({ level }) => level === 'error')).toEqual([]);
  expect(server.remembered()).toEqual({
    table: { sessions: 0, placed: 0, clients: 0, instances: 0, addresses: 0, connections: 0 },
    accounts: { sessions: 0, connections: 0, clients: 1 },
    engine: { sessionRows: 0, connectionRows: 0 },
  });
  server.clock.advance(16 * 60_000);
  expect(await server.scrape()).not.toContain('client_id="alice"');
});
