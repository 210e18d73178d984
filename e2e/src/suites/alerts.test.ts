import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../lab/lab.js';
import type { VpnClient } from '../lab/vpnClient.js';
import type { VpnServer } from '../lab/vpnServer.js';
import { MonitoredLab, type AlertState } from '../monitoring/monitoredLab.js';
import type { Prometheus } from '../monitoring/prometheus.js';
import { Proof } from '../monitoring/proof.js';
import type { NetworkNamespace } from '../network/namespace.js';
import { foreignAuthority } from '../pki/certificates.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { mustRun } from '../process/run.js';
import { inRepository } from '../repository.js';
import type { RogueClient } from '../rogue/rogueClient.js';
import { ping } from '../traffic/ping.js';

/** Sessions that fill a /28 besides alice's: 16 addresses without network, broadcast and the server's own. */
const others = 12;

describe('a real Prometheus and a server in trouble', () => {
  const cleanup = new Cleanup();
  const proof = new Proof('alerts', ['alert or metric', 'provoked by', 'seen in a live Prometheus']);
  let monitored: MonitoredLab;
  let lab: Lab;
  let server: VpnServer;
  let prometheus: Prometheus;
  let alice: VpnClient;
  let mallory: RogueClient;
  let disk: string;

  beforeAll(async () => {
    monitored = cleanup.use(
      await MonitoredLab.create(proof, {
        settings: {
          pool: { ipv4: ['10.89.0.0/28'], quarantine_seconds: 1 },
          sessions: { per_client: 16 },
        },
        prepare: async ({ directory }, cleanup) => {
          disk = join(directory, 'disk');
          await mkdir(disk);
          await mustRun({ program: 'mount', args: ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk] });
          cleanup.defer(async () => {
            await mustRun({ program: 'umount', args: ['--lazy', disk] });
          });
          return { stateDirectory: join(disk, 'state') };
        },
      }),
    );
    ({ lab, server, prometheus, alice, mallory } = monitored);
  });
  afterAll(async () => {
    await proof.write();
    await cleanup[Symbol.asyncDispose]();
  });

  /** What an alert goes through between a cause and its remedy, as far as it is waited for; kept as proof. */
  async function goes(
    name: string,
    event: string,
    ...steps: readonly (AlertState | (() => Promise<unknown>))[]
  ) {
    const seen: AlertState[] = [];
    for (const step of steps) {
      if (typeof step === 'function') {
        await step();
      } else {
        await monitored.becomes(name, step);
        seen.push(step);
      }
    }
    proof.add(name, event, seen.join(' → '));
  }

  const tunnelWorks = (): Promise<unknown> =>
    eventually('a tunnel that works', async () => {
      return (await ping(alice.machine.namespace, lab.host.ipv4, { count: 1 })).received === 1;
    });
  /** Some pings to itself: a machine's own measure of time. */
  const tenthsOfASecond = (count: number): Promise<unknown> =>
    ping(lab.host.namespace, '127.0.0.1', { count: count + 1 });

  it('stands still now and then: EventLoopStalled', async () => {
    const standStill = async (until: 'pending' | 'firing'): Promise<boolean> => {
      server.process.kill('SIGSTOP');
      await tenthsOfASecond(3);
      server.process.kill('SIGCONT');
      await tenthsOfASecond(1);
      const alerts = await prometheus.alerts();
      return alerts.some(({ name, state }) => name === 'EventLoopStalled' && state === until);
    };
    const again = (until: 'pending' | 'firing') => (): Promise<unknown> =>
      eventually('an event loop that is late', () => standStill(until), 40_000);
    const event = 'the process is stopped for 0.3 s, again and again';
    await goes('EventLoopStalled', event, 'inactive', again('pending'), 'pending', again('firing'), 'firing');
  });

  it('hangs: ServerDown and ScrapeSlow, until it goes on', async () => {
    const stop = async (): Promise<void> => server.process.kill('SIGSTOP');
    const goOn = async (): Promise<void> => server.process.kill('SIGCONT');
    const event = 'the process is stopped';
    await goes('ScrapeSlow', event, 'inactive', stop, 'pending', 'firing');
    await goes('ServerDown', event, 'firing', goOn, 'inactive');
    await goes('ScrapeSlow', 'it goes on', 'inactive');
    await tunnelWorks();
  });

  it('exhausts the pool: IPPoolExhaustion is pending, fires, and is resolved; IPPoolTrend saw it coming', async () => {
    let connectionId: Awaited<ReturnType<RogueClient['connected']>>;
    await goes(
      'IPPoolExhaustion',
      `${others + 1} sessions in a /28`,
      'inactive',
      async () => {
        connectionId = await mallory.connected();
        for (let number = 0; number < others; number++) {
          expect(await mallory.request(connectionId)).toMatchObject({ status: 200 });
        }
      },
      'pending',
      async () => {
        expect(await monitored.scraped('masque_vpn_ip_pool_available')).toBe(0);
        expect(await monitored.scraped('masque_vpn_ip_pool_used')).toBe(others + 1);
        expect(await mallory.request(connectionId)).toMatchObject({ status: 503 });
      },
      'firing',
      () => goes('IPPoolTrend', `${others + 1} sessions within seconds`, 'firing'),
      () => mallory.engine.call('closeConnection', connectionId, 0x100, ''),
      'inactive',
    );
    await goes('IPPoolTrend', 'they end', 'inactive');
    await expect.poll(() => monitored.scraped('masque_vpn_ip_pool_used')).toBe(1);
  });

  it('is scanned, which is no error, and then tried with foreign certificates: HighErrorRate', async () => {
    const errors = 'masque_vpn_errors_total';
    const { certificatePem: anchors } = await foreignAuthority();
    const scanned = await monitored.growth([errors], async () => {
      for (let number = 0; number < 40; number++) {
        const connectionId = await mallory.connected({ certificate: null });
        await mallory.engine.call('closeConnection', connectionId, 0x100, '');
        expect(await mallory.connect({ anchors })).toMatchObject({ cause: 'peerUntrusted' });
      }
    });
    proof.add('HighErrorRate', '80 handshakes without a credential', `${scanned[0]} errors`);
    expect(scanned).toEqual([0]);
    const attempts = 45;
    const tried = await monitored.growth([`${errors}{error_type="auth"}`], () =>
      goes(
        'HighErrorRate',
        `${attempts} certificates of another authority`,
        'inactive',
        () => monitored.presentForeignCertificates(attempts),
        'pending',
        'firing',
      ),
    );
    expect(tried).toEqual([attempts]);
  });

  it('refuses most of what it is asked for: RefusalsSpiking', async () => {
    const refuse = async (): Promise<void> => {
      for (let number = 0; number < 80; number++) {
        const connectionId = await mallory.connected();
        expect(await mallory.request(connectionId, { ':path': '/elsewhere' })).toMatchObject({ status: 404 });
        await mallory.engine.call('closeConnection', connectionId, 0x100, '');
      }
    };
    await goes('RefusalsSpiking', '80 requests for another path', 'inactive', refuse, 'pending', 'firing');
  });

  it('waits for DNS: SlowRequests', async () => {
    const silence = silentDns([lab.server.namespace, lab.internet]);
    const ask = async (): Promise<void> => {
      const connectionId = await mallory.connected();
      const path = '/.well-known/masque/ip/slow.example.org/*/';
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => mallory.request(connectionId, { ':path': path })),
      );
      for (const answer of answers) expect(answer).toMatchObject({ status: 504 });
      await mallory.engine.call('closeConnection', connectionId, 0x100, '');
    };
    await silence.begin();
    await goes('SlowRequests', 'DNS does not answer 12 requests', 'inactive', ask, 'pending', 'firing');
    await silence.end();
  });

  it('drops what comes from a foreign address: DropsSpiking', async () => {
    const { namespace } = lab.client(2);
    const foreign = '198.51.100.7';
    const { connectionId, sessionId } = await mallory.session();
    await mallory.attachTun(sessionId, 'rogue0', [`${foreign}/32`], ['203.0.113.0/24']);
    const args = ['-n', '-q', '-i', '0.001', '-c', '1500', '-W', '1', '-I', foreign, lab.host.ipv4];
    let floods: Promise<unknown> = Promise.resolve();
    const begin = async (): Promise<void> => {
      floods = Promise.all(Array.from({ length: 4 }, () => namespace.run({ program: 'ping', args })));
      return Promise.resolve();
    };
    const event = '6000 pings from a foreign address';
    await goes('DropsSpiking', event, 'inactive', begin, 'pending', 'firing');
    await floods;
    await mallory.engine.call('closeConnection', connectionId, 0x100, '');
  });

  it('counts every UDP packet that the kernel does not send as a connection error', async () => {
    const errors = 'masque_vpn_errors_total{error_type="connection"}';
    const { namespace } = lab.server;
    const nft = (command: string): Promise<string> =>
      namespace.mustRun({ program: 'nft', args: command.split(' ') });
    const dropped = async (): Promise<number> =>
      Number(/packets (\d+) bytes \d+ drop/.exec(await nft('list table inet trouble'))?.[1]);
    let expected = 0;
    const [grown] = await monitored.growth([errors], async () => {
      await nft('add table inet trouble');
      await nft('add chain inet trouble out { type filter hook output priority 0 ; }');
      await nft('add rule inet trouble out udp sport 443 counter drop');
      await ping(alice.machine.namespace, lab.host.ipv4, { count: 3 });
      await eventually('a packet that was not sent', async () => (await dropped()) >= 3);
      await nft('insert rule inet trouble out accept');
      expected = await dropped();
      await nft('delete table inet trouble');
    });
    proof.add(errors, 'packets that a firewall refused to send', `${grown} of ${expected}`);
    expect(grown).toBe(expected);
    await tunnelWorks();
  });

  it('loses its TUN: TunDown fires, packets are dropped and counted, and everything comes back', async () => {
    const lost = {
      'masque_vpn_errors_total{error_type="tun"}': 1,
      'masque_vpn_packet_drops_total{reason="processing_error"}': 5,
    };
    const grown = await monitored.growth(Object.keys(lost), () =>
      goes(
        'TunDown',
        'the device is deleted, its name taken',
        'inactive',
        // Another program takes the name at once, so that the server cannot just open it anew.
        () => lab.server.namespace.ip(['link delete masque0', 'tuntap add masque0 mode tap']),
        'pending',
        () => ping(alice.machine.namespace, lab.host.ipv4, { count: 5 }),
        'firing',
        async () => expect(await prometheus.value('masque_vpn_tun_interface_status')).toBe(0),
        () => lab.server.namespace.ip(['link delete masque0']),
        'inactive',
      ),
    );
    for (const [index, [selector, count]] of Object.entries(lost).entries()) {
      proof.add(selector, 'the TUN was lost, 5 pings without it', `${grown[index]} of ${count}`);
    }
    expect(grown).toEqual(Object.values(lost));
    await tunnelWorks();
  });

  it('has no room for its database: StoreUnavailable', async () => {
    const ballast = join(disk, 'ballast');
    let files = 0;
    const add = (): ReturnType<VpnServer['admin']> =>
      server.admin('client', 'add', `c${++files}`, '--out', join(lab.directory, `c${files}.toml`));
    const refused = async (): Promise<boolean> => (await add()).code !== 0;
    let full = false;
    let trying = Promise.resolve();
    // What was written of a refused change leaves room for a smaller one, which succeeds: it has to be asked for again.
    const tryOn = async (): Promise<void> => {
      while (full) await refused();
    };
    const fillUp = async (): Promise<void> => {
      await fill(ballast);
      await eventually('a refusal', refused, 30_000);
      full = true;
      trying = tryOn();
    };
    const makeRoom = async (): Promise<void> => {
      full = false;
      await trying;
      await rm(ballast);
      expect(await add()).toMatchObject({ code: 0 });
    };
    const event = 'the disk is full';
    try {
      await goes('StoreUnavailable', event, 'inactive', fillUp, 'pending', 'firing', makeRoom, 'inactive');
    } finally {
      full = false;
      await trying;
    }
  });

  it('dies and comes back: ServerDown fires and is resolved, then ServerRestarted fires', async () => {
    await monitored.becomes('ServerRestarted', 'inactive');
    await goes(
      'ServerDown',
      'the process is killed, and started again',
      'inactive',
      () => server.process.end('SIGKILL'),
      'pending',
      'firing',
      () => server.start(),
      'inactive',
    );
    await goes('ServerRestarted', 'the process is killed, and started again', 'firing');
    await eventually(
      'alice again',
      async () => (await monitored.scraped('masque_vpn_active_connections')) === 1,
      30_000,
    );
  });

  it('never lost count of a packet; what it cannot be made to do in seconds is proven by promtool', async () => {
    const seen = new Set(proof.subjects);
    const files = await readdir(inRepository('prometheus', 'tests'));
    const tests = await Promise.all(
      files.map((file) => readFile(inRepository('prometheus', 'tests', file), 'utf8')),
    );
    const rules = (await prometheus.rules()).filter(({ type }) => type === 'alerting');
    expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError !== '')).toEqual([]);
    const others = rules.map(({ name }) => name).filter((name) => !seen.has(name));
    for (const name of others) proof.add(name, 'promtool test rules', 'inactive all the time');
    expect(others.sort()).toEqual([
      'CertificateExpiring',
      'ClientCertificateExpiring',
      'EnginePanicked',
      'PacketsUnaccounted',
      'SlowPackets',
      'TooManySeries',
      'WorkersBusy',
    ]);
    for (const name of others) expect(tests.join()).toContain(`alertname: ${name}`);
    const firing = (await prometheus.alerts()).map(({ name }) => name);
    expect(firing.filter((name) => others.includes(name))).toEqual([]);
  });
});

/** Takes every question to a name server, and answers none of them. */
function silentDns(namespaces: readonly NetworkNamespace[]): Record<'begin' | 'end', () => Promise<void>> {
  const nft = async (...commands: readonly string[]): Promise<void> => {
    for (const namespace of namespaces) {
      for (const command of commands) await namespace.mustRun({ program: 'nft', args: command.split(' ') });
    }
  };
  return {
    begin: () =>
      nft(
        'add table inet silence',
        'add chain inet silence in { type filter hook prerouting priority 0 ; }',
        'add rule inet silence in udp dport 53 drop',
      ),
    end: () => nft('delete table inet silence'),
  };
}

/** Leaves no byte on the disk of a file. */
async function fill(file: string): Promise<void> {
  for (const size of [1 << 20, 1 << 16, 1 << 12, 1]) {
    for (let full = false; !full;) {
      full = await writeFile(file, Buffer.alloc(size), { flag: 'a' }).then(
        () => false,
        () => true,
      );
    }
  }
}
