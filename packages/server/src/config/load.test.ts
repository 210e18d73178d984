import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPrefix } from '@masque-vpn/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigEnvironment } from './environment.js';
import { loadConfig, type ConfigOverrides } from './load.js';
import type { ServerConfig } from './config.js';
import { configProblemCodes, formatProblems, type ConfigProblem } from './problem.js';

const root: ConfigEnvironment = { root: true, home: '/root', variables: {} };

describe('loadConfig', () => {
  let directory = '';
  let file = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'masque-vpn-config-'));
    file = join(directory, 'server.toml');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function load(text: string, overrides: ConfigOverrides = {}, environment = root): ServerConfig {
    writeFileSync(file, text);
    const loaded = loadConfig(file, overrides, environment);
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    return loaded.config;
  }

  function problemsOf(text: string | Uint8Array, overrides: ConfigOverrides = {}): readonly ConfigProblem[] {
    writeFileSync(file, text);
    const loaded = loadConfig(file, overrides, root);
    return loaded.ok ? [] : loaded.problems;
  }

  /** `line:column path CODE suggestion` of each problem. */
  function brief(text: string | Uint8Array, overrides: ConfigOverrides = {}): string[] {
    return problemsOf(text, overrides).map(
      ({ line, column, path, code, suggestion }) =>
        `${line ?? '-'}:${column ?? '-'} ${path} ${code} ${suggestion}`,
    );
  }

  it('gives complete defaults without a file and for an empty one', () => {
    const defaults = loadConfig(null, {}, root);
    expect(defaults).toMatchObject({ ok: true, config: load('') });
    const config = load('# only a comment\n[pool]\n');
    expect(config).toEqual(load(''));
    expect(config).toMatchObject({
      server: {
        listen: { address: '::', port: 443, text: '[::]:443' },
        host: null,
        path: '/.well-known/masque/ip/{target}/{ipproto}/',
        stateDir: '/var/lib/masque-vpn',
        runtimeDir: '/run/masque-vpn',
      },
      tunnel: { name: 'masque0', mtu: 1_400, offload: true, congestionControl: 'adaptive', workers: 1 },
      network: { manage: true, nat: true, hostAccess: false },
      sessions: { idleTimeoutMs: 30_000, perClient: 8, perConnection: 16, max: 10_000, drainMs: 10_000 },
      api: { listen: { address: '::', port: 8_080 } },
      metrics: { perClient: true, clientCeiling: 10_000, retentionMs: 900_000 },
      log: { level: 'info', format: 'auto' },
    });
    expect(config.pool.ipv4.map(formatPrefix)).toEqual(['10.89.0.0/16']);
    expect(config.pool.ipv6.map(formatPrefix)).toEqual(['fd4d:5156:504e::/64']);
    expect(config.pool.quarantineMs).toBe(60_000);
    expect(config.routes.advertise.map(formatPrefix)).toEqual(['0.0.0.0/0', '::/0']);
  });

  it('reads what is written', () => {
    const config = load(`
      [server]
      listen = "192.0.2.1:4433"
      host = "[2001:DB8::1]"
      [pool]
      ipv6 = []
      quarantine_seconds = 0
      [tunnel]
      mtu = 1000
      [log]
      level = "debug"
    `);
    expect(config.server.listen).toEqual({ address: '192.0.2.1', port: 4_433, text: '192.0.2.1:4433' });
    expect(config.server.host).toBe('2001:db8::1');
    expect(config.pool).toMatchObject({ ipv6: [], quarantineMs: 0 });
    expect(config.tunnel.mtu).toBe(1_000);
    expect(config.log.level).toBe('debug');
  });

  it('chooses folders by user', () => {
    const user = { root: false, home: '/home/eve', variables: { XDG_STATE_HOME: '' } };
    expect(load('', {}, user).server).toMatchObject({
      stateDir: '/home/eve/.local/state/masque-vpn',
      runtimeDir: '/home/eve/.local/state/masque-vpn',
    });
    const xdg = { ...user, variables: { XDG_STATE_HOME: '/s', XDG_RUNTIME_DIR: '/run/user/7' } };
    expect(load('', {}, xdg).server).toMatchObject({
      stateDir: '/s/masque-vpn',
      runtimeDir: '/run/user/7/masque-vpn',
    });
    expect(load('[server]\nstate_dir = "/a"', {}, user).server).toMatchObject({
      stateDir: '/a',
      runtimeDir: '/a',
    });
  });

  it('lets overrides win, folders relative to where the command runs, and ignores undefined ones', () => {
    const config = load('[server]\nlisten = "[::]:1"\nstate_dir = "/a"', {
      server: { listen: '127.0.0.1:0', state_dir: 'here', runtime_dir: undefined },
    });
    expect(config.server.listen.text).toBe('127.0.0.1:0');
    expect(config.server.stateDir).toBe(join(process.cwd(), 'here'));
    expect(config.server.runtimeDir).toBe('/run/masque-vpn');
  });

  it('blames the command line for its values, and not the file', () => {
    const [problem] = problemsOf('[server]\nlisten = "[::]:443"', { server: { listen: 'nonsense' } });
    expect(problem).toMatchObject({ code: 'CONFIG_BAD_ADDRESS', file: 'command line', line: null });
  });

  it.each([
    ['[pool]\nipv5 = []', '2:1 pool.ipv5 CONFIG_UNKNOWN_KEY Write "ipv4".'],
    ['[tunel]\nmtu = 1400', '1:2 tunel CONFIG_UNKNOWN_KEY Write "[tunnel]".'],
    ['mtu = 1400', '1:1 mtu CONFIG_UNKNOWN_KEY "mtu" belongs below "[tunnel]".'],
    ['[server]\nmtu = 1400', '2:1 server.mtu CONFIG_UNKNOWN_KEY "mtu" belongs below "[tunnel]".'],
    ['[server]\nhots = "a"', '2:1 server.hots CONFIG_UNKNOWN_KEY Write "host".'],
    ['[log]\nlevl = "info"', '2:1 log.levl CONFIG_UNKNOWN_KEY Write "level".'],
    ['[log]\nxyzzy = 1', '2:1 log.xyzzy CONFIG_UNKNOWN_KEY The keys of [log] are level, format.'],
    ['__proto__ = 1', '1:1 __proto__ CONFIG_UNKNOWN_KEY'],
    ['[tunnel]\n  mtu = "1400"', '2:9 tunnel.mtu CONFIG_WRONG_TYPE Write 1400.'],
    ['[tunnel]\nmtu = 1400.5', '2:7 tunnel.mtu CONFIG_WRONG_TYPE Write a whole number'],
    [
      '[server]\ntunnel_certificate = "own"',
      '2:22 server.tunnel_certificate CONFIG_BAD_VALUE Name its files in server.certificate',
    ],
    ['[tunnel]\ncongestion_control = "reno"', '2:22 tunnel.congestion_control CONFIG_BAD_VALUE'],
    ['[tunnel]\noffload = "no"', '2:11 tunnel.offload CONFIG_WRONG_TYPE Write false.'],
    ['[tunnel]\noffload = 1979-05-27', '2:11 tunnel.offload CONFIG_WRONG_TYPE'],
    ['[pool]\nipv4 = "10.0.0.0/8"', '2:8 pool.ipv4 CONFIG_WRONG_TYPE Write ["10.0.0.0/8"].'],
    ['[pool]\nipv4 = ["10.0.0.0/8", 5]', '2:23 pool.ipv4[1] CONFIG_WRONG_TYPE Write "5".'],
    ['server = 3', '1:10 server CONFIG_WRONG_TYPE Write "[server]" on a line'],
    ['server = { listen = 443 }', '1:21 server.listen CONFIG_WRONG_TYPE Write "[::]:443".'],
    ['api.listen = 8080', '1:14 api.listen CONFIG_WRONG_TYPE Write "[::]:8080".'],
    ['[tunnel]\nmtu = 100', '2:7 tunnel.mtu CONFIG_OUT_OF_RANGE'],
    ['[sessions]\nmax = 0', '2:7 sessions.max CONFIG_OUT_OF_RANGE'],
    ['[log]\nlevel = "warning"', '2:9 log.level CONFIG_BAD_VALUE Write one of them.'],
    ['[log]\nlevel = "Debug"', '2:9 log.level CONFIG_BAD_VALUE Write "debug".'],
    ['[server]\nlisten = "443"', '2:10 server.listen CONFIG_BAD_ADDRESS Write "[::]:443".'],
    ['[server]\nlisten = ":443"', '2:10 server.listen CONFIG_BAD_ADDRESS Write "[::]:443" for every'],
    ['[server]\nlisten = "::1:443"', '2:10 server.listen CONFIG_BAD_ADDRESS Write "[::1]:443".'],
    ['[server]\nlisten = "192.0.2.1"', '2:10 server.listen CONFIG_BAD_ADDRESS Write "192.0.2.1:443".'],
    ['[server]\nlisten = "localhost:443"', '2:10 server.listen CONFIG_BAD_ADDRESS Write "[::]:443"'],
    ['[api]\nlisten = "[::]:99999"', '2:10 api.listen CONFIG_BAD_ADDRESS Write a port from 0 to 65535.'],
    [
      '[server]\nhost = "https://vpn.example.org:443/x"',
      '2:8 server.host CONFIG_BAD_ADDRESS Write only the name: "vpn.example.org".',
    ],
    ['[server]\nhost = "two words"', '2:8 server.host CONFIG_BAD_ADDRESS'],
    [
      '[server]\nstate_dir = "state"',
      '2:13 server.state_dir CONFIG_BAD_VALUE Write a path that begins with a slash.',
    ],
    [
      '[store]\nurl = "mysql://db/vpn"',
      '2:7 store.url CONFIG_BAD_STORE_URL Write it like "postgres://masque_vpn@db.example.org/masque_vpn".',
    ],
    [
      '[store]\nurl = "postgres://me@db/vpn"\npassword_file = "p"',
      '3:17 store.password_file CONFIG_BAD_VALUE Write a path that begins with a slash.',
    ],
    ['[server]\npath = "vpn"', '2:8 server.path CONFIG_BAD_TEMPLATE'],
    ['[server]\npath = "/{target}/{target}/"', '2:8 server.path CONFIG_BAD_TEMPLATE'],
    ['[server]\npath = "/{+target}/"', '2:8 server.path CONFIG_BAD_TEMPLATE'],
    [
      '[tunnel]\nname = "masque-interface-0"',
      '2:8 tunnel.name CONFIG_BAD_TUNNEL_NAME Write "masque-interface-0".'.replace('interface-0', 'interfac'),
    ],
    ['[tunnel]\nname = "a/b"', '2:8 tunnel.name CONFIG_BAD_TUNNEL_NAME Write "ab".'],
    ['[tunnel]\nname = ""', '2:8 tunnel.name CONFIG_BAD_TUNNEL_NAME Write "masque0".'],
    ['[tunnel]\nname = ".."', '2:8 tunnel.name CONFIG_BAD_TUNNEL_NAME Write "masque0".'],
    ['[tunnel]\nname = "tun%d"', '2:8 tunnel.name CONFIG_BAD_TUNNEL_NAME Write "tund".'],
    ['[tunnel]\nmtu = 1279', '2:7 tunnel.mtu CONFIG_MTU_TOO_SMALL Write 1280 or more'],
    ['[pool]\nipv4 = ["10.89.0.1/16"]', '2:9 pool.ipv4[0] CONFIG_HOST_BITS_SET Write "10.89.0.0/16".'],
    [
      '[routes]\nadvertise = [\n  "10.0.0.0/8",\n  "fd00::1/8",\n]',
      '4:3 routes.advertise[1] CONFIG_HOST_BITS_SET Write "fd00::/8".',
    ],
    ['[pool]\nipv4 = ["10.89.0.0"]', '2:9 pool.ipv4[0] CONFIG_BAD_PREFIX Write "10.89.0.0/32" for this one'],
    ['[pool]\nipv4 = ["10.89.0.0/33"]', '2:9 pool.ipv4[0] CONFIG_BAD_PREFIX'],
    ['[pool]\nipv4 = ["10.89.0/24"]', '2:9 pool.ipv4[0] CONFIG_BAD_PREFIX'],
    ['[routes]\nadvertise = ["everything"]', '2:14 routes.advertise[0] CONFIG_BAD_PREFIX'],
    ['[pool]\nipv4 = ["fd00::/64"]', '2:9 pool.ipv4[0] CONFIG_WRONG_FAMILY Move it to pool.ipv6.'],
    [
      '[pool]\nipv4 = ["10.0.0.0/8", "10.89.0.0/16"]',
      '2:23 pool.ipv4[1] CONFIG_POOL_OVERLAP Remove 10.89.0.0/16',
    ],
    [
      '[pool]\nipv4 = ["10.89.0.0/16", "10.0.0.0/8"]',
      '2:25 pool.ipv4[1] CONFIG_POOL_OVERLAP Remove 10.89.0.0/16',
    ],
    ['[pool]\nipv6 = ["fd00::/64", "fd00::/64"]', '2:22 pool.ipv6[1] CONFIG_POOL_OVERLAP Remove fd00::/64'],
    [
      '[pool]\nipv4 = ["10.0.0.1/32"]',
      '2:8 pool.ipv4 CONFIG_POOL_TOO_SMALL Write a shorter prefix, at most /30.',
    ],
    [
      '[pool]\nipv6 = ["fd00::1/128"]',
      '2:8 pool.ipv6 CONFIG_POOL_TOO_SMALL Write a shorter prefix, at most /126.',
    ],
    ['[pool]\nipv4 = ["127.0.0.0/8"]', '2:9 pool.ipv4[0] CONFIG_POOL_UNUSABLE'],
    ['[pool]\nipv6 = ["fe80::/64"]', '2:9 pool.ipv6[0] CONFIG_POOL_UNUSABLE'],
    ['[pool]\nipv4 = ["0.0.0.0/0"]', '2:9 pool.ipv4[0] CONFIG_POOL_UNUSABLE'],
    ['[pool]\nipv4 = []\nipv6 = []', '1:2 pool CONFIG_POOL_MISSING'],
  ])('refuses %j', (text, expected) => {
    const found = brief(text);
    expect(found).toHaveLength(1);
    expect(found[0]?.slice(0, expected.length)).toBe(expected);
  });

  it.each([
    ['[server]\nlisten = "[::]:443', 2],
    ['[server]\nlisten = ', 2],
    ['[server', 1],
    ['[server]\n[server]', 2],
    ['[tunnel]\nmtu = 1\nmtu = 2', 3],
    ['[tunnel]\nmtu = 99999999999999999999', 2],
    ['{"server": {}}', 1],
  ])('says where half-written or wrong syntax is: %j', (text, line) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'CONFIG_SYNTAX', line });
    expect(problems[0]?.column).toBeGreaterThan(0);
    expect(problems[0]?.message).not.toContain('\n');
  });

  it('says when the file is missing, a folder or no text', () => {
    const codeOf = (path: string): string | undefined => {
      const loaded = loadConfig(path, {}, root);
      return loaded.ok ? undefined : loaded.problems[0]?.code;
    };
    expect(codeOf(join(directory, 'missing.toml'))).toBe('CONFIG_FILE_MISSING');
    expect(codeOf(directory)).toBe('CONFIG_FILE_UNREADABLE');
    expect(brief(Uint8Array.of(0x23, 0xff, 0xfe))[0]).toMatch(
      /CONFIG_FILE_UNREADABLE Save the file as UTF-8/,
    );
  });

  describe('a password for the database', () => {
    const withPassword = '[store]\nurl = "postgres://me:swordfish@db/vpn"\n';

    it('in a file that every user can read is refused, and not shown', () => {
      writeFileSync(file, withPassword);
      chmodSync(file, 0o644);
      const problems = problemsOf(withPassword);
      expect(problems.map(({ code, line }) => [code, line])).toEqual([['CONFIG_SECRET_EXPOSED', 2]]);
      expect(formatProblems(problems)).not.toContain('swordfish');
    });

    it('in a file for one group is taken', () => {
      writeFileSync(file, withPassword);
      chmodSync(file, 0o640);
      expect(passwordOf(load(withPassword))).toBe('swordfish');
    });

    it('is not given twice', () => {
      writeFileSync(file, '');
      chmodSync(file, 0o600);
      expect(brief(`${withPassword}password_file = "/run/password"`)).toEqual([
        '2:7 store.url CONFIG_BAD_STORE_URL Take the one in the URL out.',
      ]);
    });

    it('comes from PGPASSWORD when the URL has none', () => {
      const environment = { ...root, variables: { PGPASSWORD: 'from outside' } };
      expect(passwordOf(load('[store]\nurl = "postgres://me@db/vpn"', {}, environment))).toBe('from outside');
      writeFileSync(file, '');
      chmodSync(file, 0o600);
      expect(passwordOf(load(withPassword, {}, environment))).toBe('swordfish');
    });

    function passwordOf({ store }: ServerConfig): string | undefined {
      return store.kind === 'postgres' ? store.address.password?.reveal() : undefined;
    }
  });

  it('reports every problem at once, in the order of the file', () => {
    const found = brief(`
[tunnel]
mtu = "big"
name = "no spaces please"
[pool]
ipv4 = ["10.0.0.1/8"]
ipv7 = []
[sesions]
[routes]
advertise = 7
`);
    expect(found.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      '3:7 tunnel.mtu CONFIG_WRONG_TYPE',
      '4:8 tunnel.name CONFIG_BAD_TUNNEL_NAME',
      '6:9 pool.ipv4[0] CONFIG_HOST_BITS_SET',
      '7:1 pool.ipv7 CONFIG_UNKNOWN_KEY',
      '8:2 sesions CONFIG_UNKNOWN_KEY',
      '10:13 routes.advertise CONFIG_WRONG_TYPE',
    ]);
  });

  it('formats problems for people', () => {
    expect(formatProblems(problemsOf('[tunnel]\nmtu = "1400"'))).toBe(
      `${file}:2:7: tunnel.mtu: must be a whole number, not a text (CONFIG_WRONG_TYPE)\n    Write 1400.`,
    );
    const missing = loadConfig('/nowhere/server.toml', {}, root);
    expect(missing.ok ? '' : formatProblems(missing.problems)).toBe(
      '/nowhere/server.toml: there is no such file (CONFIG_FILE_MISSING)\n    Correct the path, or leave it out for defaults.',
    );
  });

  it('has a list of all its codes', () => {
    expect(new Set(configProblemCodes).size).toBe(configProblemCodes.length);
  });
});
