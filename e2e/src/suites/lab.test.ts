import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

describe('a lab without a VPN', () => {
  let lab: Lab;
  const traffic = new Traffic();

  beforeAll(async () => {
    lab = await Lab.create({ clients: 2 });
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  it('lets clients reach the server over IPv4 and IPv6', async () => {
    for (const machine of lab.clients) {
      expect((await ping(machine.namespace, lab.server.ipv4)).received).toBe(3);
      expect((await ping(machine.namespace, lab.server.ipv6)).received).toBe(3);
    }
  });

  it('keeps the host behind the server out of reach', async () => {
    expect((await ping(lab.client(1).namespace, lab.host.ipv4, { count: 1 })).received).toBe(0);
    expect((await ping(lab.client(1).namespace, lab.host.ipv6, { count: 1 })).received).toBe(0);
  });

  it('carries TCP both ways with equal checksums at both ends', async () => {
    const up = await traffic.tcp(lab.client(1), lab.server, lab.server.ipv4, 'up', 300);
    const down = await traffic.tcp(lab.client(1), lab.server, lab.server.ipv6, 'down', 300);
    expect(up).toMatchObject({ checksumOk: true });
    expect(down).toMatchObject({ checksumOk: true });
  });

  it('carries UDP and counts every datagram', async () => {
    const result = await traffic.udp(lab.client(1), lab.server, lab.server.ipv4, 5e6, 300);
    expect(result.sent).toBeGreaterThan(100);
    expect(result).toMatchObject({ received: result.sent, lossPercent: 0, duplicates: 0, damaged: 0 });
  });
});
