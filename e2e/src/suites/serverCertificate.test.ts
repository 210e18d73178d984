import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { foreignAuthority, issue } from '../pki/certificates.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

/** The server looks at the files every 30 seconds. */
const swapWithinMs = 45_000;

describe('the swap of the server’s certificate', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;

  /** Puts a certificate of an authority that nobody has seen before in the place of the server's own. */
  async function bring(): Promise<void> {
    const authority = await foreignAuthority();
    const { certificatePem, privateKeyPem } = await issue(authority, 'server', undefined, [
      { type: 'ip', value: lab.server.ipv4 },
    ]);
    await writeFile(join(lab.directory, 'own.key'), privateKeyPem);
    await writeFile(join(lab.directory, 'own.pem'), certificatePem + authority.certificatePem);
  }

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 2 }));
    await bring();
    const settings = {
      server: {
        certificate: join(lab.directory, 'own.pem'),
        key: join(lab.directory, 'own.key'),
        tunnel_certificate: 'own',
      },
    };
    server = cleanup.use(await VpnServer.start(lab, { settings }));
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('costs a live tunnel not one packet; new connections see the new one', async () => {
    const { sinceMs } = await alice.status();
    const swapped = 'the server has a new certificate';
    expect(server.process.output).not.toContain(swapped);
    await bring();
    // Little enough that nothing is lost to a busy machine; `ping` may run for half a minute.
    const pings = async (): Promise<{ readonly sent: number; readonly received: number }> => {
      const options = { count: swapWithinMs / 300, patienceSeconds: 10 };
      const total = { sent: 0, received: 0 };
      for (let round = 0; round < 3; round += 1) {
        const { sent, received } = await ping(alice.machine.namespace, lab.host.ipv4, options);
        total.sent += sent;
        total.received += received;
      }
      return total;
    };
    const stream = new Traffic().udp(alice.machine, lab.host, lab.host.ipv4, 200_000, swapWithinMs);
    // Made after the swap, so it trusts the new certificate and not the old one.
    const newcomer = eventually('the swap', () => server.process.output.includes(swapped), swapWithinMs)
      .then(() => server.addClient('bob'))
      .then((profile) => VpnClient.start(lab, lab.client(2), profile));
    const [bob, echo, sent] = await Promise.all([newcomer, pings(), stream]);
    cleanup.use(bob);
    expect((await ping(bob.machine.namespace, lab.host.ipv4)).received).toBe(3);
    expect([echo.received, sent.received]).toEqual([echo.sent, sent.sent]);
    expect(sent.sent).toBeGreaterThan(500);
    expect(await alice.status()).toMatchObject({ state: 'up', sinceMs });
  });
});
