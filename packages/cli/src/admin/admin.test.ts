import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { parseProfile } from '@masque-vpn/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../testing/lab.js';
import { type Said, say, sayIn, TestWorld } from '../testing/testWorld.js';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

/** `masque-vpn admin …` against the lab's server. */
async function admin(...args: readonly string[]): Promise<Said> {
  return say('admin', '--socket', lab.server.adminSocket, ...args);
}

describe('admin client add', () => {
  it('writes a profile that only its owner can read, and says what comes next', async () => {
    const path = lab.path('alice.toml');
    const said = await admin('client', 'add', 'alice', '--out', path);
    expect(said).toMatchObject({ exit: 0, err: '' });
    expect(said.out.replace(/:\d+\./, ':443.')).toBe(
      [
        'alice may connect to vpn.example.org:443.',
        `Its profile, with the only copy of its private key, is ${path}.`,
        '',
        'Move that file to the machine of the client, over a safe way, and run there:',
        '  sudo masque-vpn connect alice.toml',
        '',
      ].join('\n'),
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const profile = parseProfile(await readFile(path, 'utf8'), path);
    expect(profile).toMatchObject({ ok: true, value: { client: 'alice', address: null } });
  });

  it('puts another host and address into the profile', async () => {
    const path = lab.path('bob.toml');
    const said = await admin(
      'client',
      'add',
      'bob',
      '--out',
      path,
      '--host',
      'b.example.org',
      '--address',
      '192.0.2.7',
    );
    expect(said.exit).toBe(0);
    expect(parseProfile(await readFile(path, 'utf8'), path)).toMatchObject({
      ok: true,
      value: { url: expect.stringContaining('//b.example.org') as string, address: '192.0.2.7' },
    });
  });

  it('creates no client when the profile cannot be written', async () => {
    const path = lab.path('taken.toml');
    await writeFile(path, 'mine');
    expect(await admin('client', 'add', 'carol', '--out', path)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('(PROFILE_EXISTS)') as string,
    });
    expect((await admin('client', 'show', 'carol')).err).toContain('(CLIENT_NOT_FOUND)');
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('leaves no file when the server refuses', async () => {
    await admin('client', 'add', 'dave', '--out', lab.path('dave.toml'));
    const again = await admin('client', 'add', 'dave', '--out', lab.path('dave2.toml'));
    expect(again).toMatchObject({ exit: 3, out: '' });
    expect(again.err).toContain('(CLIENT_EXISTS)');
    expect((await readdir(lab.directory)).filter((name) => name.includes('dave'))).toEqual(['dave.toml']);
  });

  it.each([
    [['Alice Smith'], 'name of a client'],
    [['erin', '--address', 'vpn.example.org'], '--address takes an IP address'],
  ])('refuses %j before anything is asked', async (args, reason) => {
    const said = await say('admin', '--socket', '/nowhere', 'client', 'add', ...args);
    expect(said).toMatchObject({ exit: 2, out: '' });
    expect(said.err).toContain(reason);
  });
});

describe('admin client', () => {
  it('lists, shows, disables, enables and deletes', async () => {
    await admin('client', 'add', 'frank', '--out', lab.path('frank.toml'));
    expect((await admin('client', 'list')).out).toMatch(
      /^NAME +STATE +GROUPS +SESSIONS +ADDRESSES +CERTIFICATE UNTIL\n/,
    );
    expect((await admin('client', 'disable', 'frank')).out).toBe(
      'frank is disconnected and refused until it is enabled again.\n',
    );
    expect((await admin('client', 'show', 'frank')).out).toMatch(/^state +disabled$/m);
    expect((await admin('client', 'list', '--disabled', '--json')).out).toContain('"id":"frank"');
    expect((await admin('client', 'enable', 'frank')).out).toBe('frank may connect.\n');
    expect((await admin('client', 'list', '--disabled')).out).toBe('No client is like that.\n');
    expect((await admin('client', 'disconnect', 'frank')).out).toBe('frank was not connected.\n');
    expect((await admin('client', 'delete', 'frank', '--yes')).exit).toBe(0);
    expect(await admin('client', 'show', 'frank', '--json')).toEqual({
      exit: 3,
      err: '',
      out: expect.stringMatching(/^\{"error":\{"code":"CLIENT_NOT_FOUND",.*\}\}\n$/) as string,
    });
  });

  it('asks before it deletes', async () => {
    await admin('client', 'add', 'gina', '--out', lab.path('gina.toml'));
    expect(await admin('client', 'delete', 'gina')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('(CLI_CONFIRMATION_MISSING)') as string,
    });
    const no = new TestWorld({ isTerminal: true, typed: ['n'] });
    const line = ['admin', '--socket', lab.server.adminSocket, 'client', 'delete', 'gina'];
    expect((await sayIn(no, ...line)).exit).toBe(2);
    expect((await admin('client', 'show', 'gina')).exit).toBe(0);
    const yes = new TestWorld({ isTerminal: true, typed: ['y'] });
    expect((await sayIn(yes, ...line)).exit).toBe(0);
    expect(yes.input.questions).toEqual(['Delete gina with its certificates, and end its sessions? [y/N] ']);
    expect((await admin('client', 'show', 'gina')).exit).toBe(3);
  });

  it('answers programs with the server’s JSON', async () => {
    await admin('client', 'add', 'grace', '--out', lab.path('grace.toml'));
    const { items } = JSON.parse((await admin('client', 'list', '--json')).out) as {
      items: { id: string }[];
    };
    expect(items.map(({ id }) => id)).toContain('grace');
  });

  it('prints a link, with a QR code for people only', async () => {
    const piped = await admin('client', 'add', 'heidi', '--link', '--hours', '2');
    expect(piped.out).toMatch(
      /^masque-vpn:\/\/vpn\.example\.org:\d+\/enroll#\S+\n\nThis link lets one machine/,
    );
    const world = new TestWorld({ isTerminal: true });
    await sayIn(world, 'admin', '--socket', lab.server.adminSocket, 'enroll', 'create', 'heidi');
    expect(world.out.text).toMatch(/^[█▀▄ \n]+masque-vpn:\/\//);
    const plain = new TestWorld({ isTerminal: true });
    await sayIn(plain, 'admin', '--socket', lab.server.adminSocket, 'enroll', 'create', 'heidi', '--no-qr');
    expect(plain.out.text).toMatch(/^masque-vpn:\/\//);
    const listed = await admin('enroll', 'list', '--client', 'heidi', '--open');
    expect(listed.out.match(/^heidi +open +/gm)).toHaveLength(3);
    expect(listed.out).not.toContain(piped.out.split('#')[1]?.slice(0, 32));
  });

  it('sets limits in units that people use, and gives them back', async () => {
    await admin('client', 'add', 'ivan', '--out', lab.path('ivan.toml'));
    const limits = [
      '--rate-down',
      '50Mbit/s',
      '--quota',
      '500GB',
      '--routes',
      '10.0.0.0/8',
      '--ipv4',
      '10.89.3.3',
    ];
    const set = await admin('client', 'set', 'ivan', ...limits, '--expires', '30d', '--note', 'a b');
    for (const line of [
      /^rate down +50\.0 Mbit\/s$/m,
      /^quota +500 GB a month$/m,
      /^routes +10\.0\.0\.0\/8$/m,
    ]) {
      expect(set.out).toMatch(line);
    }
    expect(set.out).toMatch(/^note +a b$/m);
    const back = await admin(
      'client',
      'set',
      'ivan',
      '--rate-down',
      'inherit',
      '--expires',
      'never',
      '--note',
      '',
    );
    expect(back.err).toBe('');
    expect(back.out).not.toMatch(/^rate down|^expires|^note/m);
    expect(back.out).toMatch(/^fixed IPv4 +10\.89\.3\.3$/m);
  });

  it.each([
    [['set', 'x', '--rate-up', 'fast'], 'must be a rate like 50Mbit/s'],
    [['set', 'x', '--expires', 'tomorrow'], 'must be a time like 30d'],
    [['set', 'x', '--search-domains', 'a.example'], '--search-domains needs --dns'],
    [['add', 'x', '--link', '--out', 'x.toml'], 'belong to a profile'],
    [['add', 'x', '--hours', '2'], 'needs --link'],
  ])('refuses %j before anything is asked', async (args, reason) => {
    const said = await say('admin', '--socket', '/nowhere', 'client', ...args);
    expect(said).toMatchObject({ exit: 2, out: '' });
    expect(said.err).toContain(reason);
  });
});

describe('admin', () => {
  it('shows status and sessions', async () => {
    const status = await admin('status');
    expect(status.out).toMatch(/^tunnel +masque0, MTU 1400$/m);
    expect((await admin('session', 'list')).out).toBe('Nobody is connected.\n');
    expect(JSON.parse((await admin('status', '--json')).out)).toMatchObject({ tun: { active: true } });
  });

  it('says how to start a server that does not run', async () => {
    const said = await say('admin', 'status', '--socket', lab.path('none.sock'));
    expect(said).toMatchObject({ exit: 5, out: '' });
    expect(said.err).toContain('Start it with "masque-vpn server"');
  });

  it('explains every command', async () => {
    const nouns = [...(await say('admin', '--help')).out.matchAll(/^ {2}([a-z]+) /gm)].map(
      ([, noun = '']) => noun,
    );
    expect(nouns.length).toBeGreaterThan(15);
    for (const noun of nouns) expect([noun, (await say('admin', noun, '--help')).exit]).toEqual([noun, 0]);
  });
});
