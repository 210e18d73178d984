import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClientWorld } from '../testing/world.js';

let world: ClientWorld;
beforeEach(async () => {
  world = await ClientWorld.create();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

describe('a path that is smaller than IPv6 needs for a moment', () => {
  it('does not take IPv6 from the interface (RFC 8200 §5)', async () => {
    world.proxy();
    const client = await world.start();
    const before = client.status();
    client.engine.setTunnelMtu(1160);
    await world.network.settle();
    expect(world.host.owner().plan.link?.mtu).toBe(1280);
    expect(client.status()).toMatchObject({
      state: 'up',
      addresses: before.addresses,
      routes: before.routes,
    });
    await client.stop();
  });

  it('becomes the MTU of a tunnel without IPv6', async () => {
    const proxy = world.proxy();
    const client = await world.start();
    proxy.change(['10.89.0.9/32'], ['10.0.0.0/8']);
    client.engine.setTunnelMtu(1160);
    await world.network.settle();
    expect(world.host.owner().plan.link?.mtu).toBe(1160);
    await client.stop();
  });
});
