import { copyFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { Cleanup } from '../process/cleanup.js';
import type { CommandLine } from '../process/commandLine.js';
import { eventually } from '../process/eventually.js';
import { mustRun } from '../process/run.js';
import { RogueClient } from '../rogue/rogueClient.js';
import { ping } from '../traffic/ping.js';

/** Without the right to make a TUN device or to change the network. */
const withoutNetAdmin: CommandLine = {
  program: 'setpriv',
  args: ['--bounding-set', '-net_admin', '--inh-caps', '-net_admin'],
};
/** With an empty /dev/net; the mount is seen by this process only. */
const withoutTunDevice: CommandLine = {
  program: 'sh',
  args: ['-c', 'mount -t tmpfs tmpfs /dev/net && exec "$@"', 'sh'],
};

describe('a server on a machine that lacks something', () => {
  let cleanup: Cleanup;
  let lab: Lab;

  beforeEach(async () => {
    cleanup = new Cleanup();
    lab = cleanup.use(await Lab.create({ clients: 2 }));
  });
  afterEach(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it.for([
    { what: 'the right to change the network', wrapper: withoutNetAdmin, code: /PERMISSION_DENIED/ },
    { what: '/dev/net/tun', wrapper: withoutTunDevice, code: /TUN_MISSING/ },
  ])('runs its API without $what, says so, and answers 503 to tunnels', async ({ wrapper, code }) => {
    const server = cleanup.use(await VpnServer.start(lab, { wrapper }));
    const { tun } = await server.status();
    expect(tun.active).toBe(false);
    expect(tun.problem?.code).toMatch(code);
    const metrics = await server.metrics(lab.host);
    expect(metrics.sum('masque_vpn_tun_interface_status')).toBe(0);
    expect(metrics.sum('masque_vpn_errors_total', { error_type: 'tun' })).toBeGreaterThan(0);
    const profile = await server.addClient('alice');
    const client = cleanup.use(await RogueClient.create(lab.client(1).namespace, profile, lab.server.ipv4));
    expect(await client.request(await client.connected())).toMatchObject({ status: 503 });
  });

  it('opens its tunnels by itself once the device’s name is free', async () => {
    const { namespace } = lab.server;
    await mustRun(namespace.inside({ program: 'ip', args: ['tuntap', 'add', 'masque0', 'mode', 'tap'] }));
    const server = cleanup.use(await VpnServer.start(lab));
    expect((await server.status()).tun.active).toBe(false);
    await namespace.ip(['link delete masque0']);
    await eventually('TUN', async () => (await server.status()).tun.active, 30_000);
    const alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
  });

  it.for([
    {
      what: 'UDP',
      settings: { api: { listen: '[::]:8081' }, tunnel: { name: 'masque1' } },
      code: 'ENGINE_ADDRESS_IN_USE',
    },
    {
      what: 'API',
      settings: { server: { listen: '[::]:4443' }, tunnel: { name: 'masque1' } },
      code: 'API_ADDRESS_IN_USE',
    },
  ])(
    'ends when its $what port is taken, and leaves the server that has it alone',
    async ({ settings, code }) => {
      const first = cleanup.use(await VpnServer.start(lab));
      const elsewhere = {
        state_dir: join(lab.directory, 'second'),
        runtime_dir: join(lab.directory, 'second-run'),
      };
      const second = cleanup.use(
        await VpnServer.prepare(lab, {
          directory: 'second-config',
          settings: {
            ...settings,
            server: { ...settings.server, ...elsewhere },
            pool: { ipv4: ['10.90.0.0/24'], ipv6: ['fd00:90::/64'] },
          },
        }),
      );
      const exit = await second.launch().exitWithin(15_000);
      expect(exit.code).not.toBe(0);
      expect(second.process.output).toContain(code);
      expect((await first.status()).tun.active).toBe(true);
    },
  );

  it('refuses to create a client on a full disk, keeps its tunnels, and goes on when there is room', async () => {
    const disk = join(lab.directory, 'disk');
    await mkdir(disk);
    await mustRun({ program: 'mount', args: ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk] });
    cleanup.defer(async () => {
      await mustRun({ program: 'umount', args: ['--lazy', disk] });
    });
    const server = cleanup.use(await VpnServer.start(lab, { stateDirectory: join(disk, 'state') }));
    const alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    await fill(join(disk, 'ballast'));
    const refused = await eventually(
      'a refusal',
      async () => {
        const answer = await server.admin(
          'client',
          'add',
          `c${Date.now()}`,
          '--out',
          join(lab.directory, `${Date.now()}.toml`),
        );
        return answer.code === 0 ? undefined : answer;
      },
      60_000,
    );
    expect(refused.stderr).toContain('STORE_FULL');
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
    await rm(join(disk, 'ballast'));
    await server.addClient('bob');
    expect((await server.sessions()).map(({ clientId }) => clientId)).toEqual(['alice']);
  });

  it('refuses a database of a newer version and leaves it untouched', async () => {
    const server = cleanup.use(await VpnServer.start(lab));
    await server.process.end('SIGTERM');
    const file = join(server.stateDirectory, 'masque-vpn.sqlite');
    const database = new Database(file);
    database.prepare('insert into schema_version (version, applied_at) values (999, 0)').run();
    database.close();
    const before = await readFile(file);
    const exit = await server.launch().exitWithin(15_000);
    expect(exit.code).not.toBe(0);
    expect(server.process.output).toContain('STORE_NEWER_VERSION');
    expect(await readFile(file)).toEqual(before);
  });

  it('refuses a half-written configuration, naming file, line and column', async () => {
    const server = cleanup.use(await VpnServer.prepare(lab));
    await writeFile(server.configFile, '[server]\nlisten = "[::]:443"\n\n[pool]\nipv4 = ["10.89.0');
    const exit = await server.launch().exitWithin(15_000);
    expect(exit.code).toBe(2);
    expect(server.process.output).toContain('CONFIG_SYNTAX');
    expect(server.process.output).toMatch(/server\.toml:5:\d+/);
  });

  it('has clients that refuse a half-written profile and one that others can read', async () => {
    const server = cleanup.use(await VpnServer.start(lab));
    const profile = await server.addClient('alice');
    const cut = join(lab.directory, 'cut.toml');
    await copyFile(profile, cut);
    await truncate(cut, 300);
    const client = cleanup.use(await VpnClient.prepare(lab, lab.client(1), cut));
    const exit = await client.launch().exitWithin(15_000);
    expect(exit.code).toBe(2);
    expect(client.process.output).toMatch(/PROFILE_(SYNTAX|INVALID)/);
  });

  it('has clients that say what they lack', async () => {
    const server = cleanup.use(await VpnServer.start(lab));
    const client = cleanup.use(await VpnClient.prepare(lab, lab.client(1), await server.addClient('alice')));
    const exit = await client.launchAs(withoutNetAdmin, '--once').exitWithin(15_000);
    expect(exit.code).toBe(4);
    expect(client.process.output).toMatch(/PERMISSION_DENIED/);
  });
});

/** Writes until there is no room. */
async function fill(file: string): Promise<void> {
  for (const size of [1 << 20, 1 << 16, 1 << 12, 1]) {
    await eventually(
      `disk full in pieces of ${size}`,
      async () => {
        try {
          await writeFile(file, Buffer.alloc(size), { flag: 'a' });
          return false;
        } catch {
          return true;
        }
      },
      60_000,
    );
  }
}
