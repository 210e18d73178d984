import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { openHostLab, type HostLab } from './testing/lab.js';

describe('a real host', () => {
  let lab: HostLab;
  let namespace: HostLab['namespace'];
  let host: HostLab['host'];

  beforeEach(async () => {
    lab = await openHostLab();
    ({ namespace, host } = lab);
  });
  afterEach(() => lab[Symbol.asyncDispose]());

  test('facts name the default route, its source and local addresses', async () => {
    const facts = await host.ask('facts', undefined);
    expect(facts.ok && facts.value.defaultRoutes).toEqual([
      {
        family: 4,
        interface: 'up0',
        gateway: '192.0.2.1',
        source: '192.0.2.10',
        fromRouterAdvertisement: false,
      },
    ]);
    const up0 = facts.ok ? facts.value.interfaces.find(({ name }) => name === 'up0') : undefined;
    expect(up0?.addresses).toContainEqual({
      family: 6,
      address: '2001:db8:10::1',
      prefixLength: 64,
      scope: 'global',
      dynamic: false,
    });
  });

  test('forward chains of others that drop are found', async () => {
    expect(await host.ask('forwardFilters', undefined)).toEqual({ ok: true, value: [] });
    await namespace.run('nft', 'add', 'table', 'ip', 'filter');
    const hook = '{ type filter hook forward priority 0; policy drop; }';
    await namespace.run('nft', 'add', 'chain', 'ip', 'filter', 'FORWARD', hook);
    await namespace.run('nft', 'add', 'chain', 'ip', 'filter', 'DOCKER-USER');
    expect(await host.ask('forwardFilters', undefined)).toEqual({
      ok: true,
      value: [{ family: 'ip', table: 'filter', chain: 'FORWARD', docker: true }],
    });
  });
});
