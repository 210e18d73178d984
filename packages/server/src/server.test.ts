import { expect, test } from 'vitest';
import { TestServer } from './testing/testServer.js';

test('a client is admitted and gets addresses of both families and all routes', async () => {
  await using server = await TestServer.start();
  const alice = await server.connected(await server.addClient('alice'));
  const { sessionId, status, headers } = await alice.request();
  expect([status, headers['capsule-protocol']]).toEqual([200, '?1']);
  expect(await alice.addresses(sessionId)).toEqual([
    expect.stringMatching(/^10\.89\.0\.\d+$/),
    expect.stringMatching(/^fd4d:5156:504e:/),
  ]);
  expect(await alice.routes(sessionId)).toEqual([
    { start: '0.0.0.0', end: '255.255.255.255', protocol: 0 },
    { start: '::', end: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', protocol: 0 },
  ]);
  expect(await server.sample('active_connections')).toBe(1);
});
