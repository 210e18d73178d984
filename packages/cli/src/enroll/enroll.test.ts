import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { Clock } from '@masque-vpn/client';
import type { EnrolmentTools } from '@masque-vpn/client/enrolment';
import { readProfile } from '@masque-vpn/client/profile';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandResult } from '../commandResult.js';
import { connect } from '../connect/connect.js';
import { Lab } from '../testing/lab.js';
import { say, TestWorld } from '../testing/testWorld.js';
import { enroll, type EnrollFlags } from './enroll.js';
import { renew } from './renew.js';

let lab: Lab;
let world: TestWorld;
beforeEach(async () => {
  lab = await Lab.start();
  world = new TestWorld();
});
afterEach(async () => {
  await lab[Symbol.asyncDispose]();
});

async function admin(...args: readonly string[]): Promise<string> {
  const said = await say('admin', '--socket', lab.server.adminSocket, ...args);
  if (said.exit !== 0) throw new Error(said.err);
  return said.out;
}

/** A link for a new client. */
async function linkFor(name: string): Promise<string> {
  const { enrolment } = JSON.parse(await admin('client', 'add', name, '--link', '--json')) as {
    enrolment: { link: string };
  };
  return enrolment.link;
}

function tools(): EnrolmentTools {
  return { resolve: lab.clientTools().resolve, clock: lab.clock };
}

function run(link: string | null, flags: EnrollFlags = {}): Promise<CommandResult> {
  return enroll(link, flags, world, tools());
}

const code = (result: CommandResult): string => (result.ok ? 'none' : result.error.code);

describe('enroll', () => {
  it('makes a profile that connects, and says what comes next', async () => {
    const path = lab.path('alice.toml');
    expect(await run(await linkFor('alice'), { out: path })).toEqual({ ok: true, value: undefined });
    expect(world.out.text).toMatch(
      /^alice may connect to vpn\.example\.org:\d+\.\nIts profile, .* renews itself/s,
    );
    expect(world.out.text).toContain(`  sudo masque-vpn connect ${path}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const connected = new TestWorld();
    const directories = { stateDir: lab.path('client'), runtimeDir: lab.path('run') };
    const ended = connect(path, directories, connected, lab.clientTools());
    await lab.until('a tunnel', () => connected.out.text.includes('connected to'));
    connected.terminate();
    expect(await ended).toEqual({ ok: true, value: undefined });
  });

  it('takes the link out of sight, and reads it from elsewhere when asked to', async () => {
    await run(await linkFor('alice'), { out: lab.path('alice.toml') });
    expect(world.hidden).toBe(true);
    world = new TestWorld({ typed: [await linkFor('bob'), ''] });
    expect(code(await run('-', { out: lab.path('bob.toml') }))).toBe('none');
    world = new TestWorld({ isTerminal: true, typed: [`  ${await linkFor('carol')}  `] });
    expect(code(await run(null, { out: lab.path('carol.toml') }))).toBe('none');
    expect(world.input.questions).toEqual(['Enrolment link (it is not shown): ']);
    expect((await readdir(lab.directory)).filter((name) => name.endsWith('.toml')).toSorted()).toEqual([
      'alice.toml',
      'bob.toml',
      'carol.toml',
      'server.toml',
    ]);
  });

  it('uses a link once', async () => {
    const link = await linkFor('alice');
    await run(link, { out: lab.path('alice.toml') });
    const again = await run(link, { out: lab.path('again.toml') });
    expect(again).toMatchObject({ ok: false, error: { exit: 3 } });
    expect(code(again)).toMatch(/^ENROLMENT_/);
    expect(JSON.stringify(again)).not.toContain(link.split('#')[1]?.split('.')[0]);
  });

  it('refuses a link that was taken back', async () => {
    const link = await linkFor('alice');
    const { items } = JSON.parse(await admin('enroll', 'list', '--json')) as { items: { id: string }[] };
    await admin('enroll', 'revoke', items[0]?.id ?? '');
    expect(code(await run(link, { out: lab.path('alice.toml') }))).toMatch(/^ENROLMENT_/);
  });

  it('uses no link up whose profile cannot be kept', async () => {
    const link = await linkFor('alice');
    const path = lab.path('alice.toml');
    await writeFile(path, 'mine');
    expect(code(await run(link, { out: path }))).toBe('PROFILE_EXISTS');
    expect(code(await run(link, { out: lab.path('none/alice.toml') }))).toBe('PROFILE_UNWRITABLE');
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect(code(await run(link, { out: path, force: true }))).toBe('none');
    expect(await readProfile(path)).toMatchObject({ ok: true, value: { client: 'alice' } });
  });

  it.each([
    ['nothing', '', 2],
    ['a web page', 'https://vpn.example.org/enroll#x', 2],
    ['half a link', 'masque-vpn://vpn.example.org:443/enroll#AAAA', 2],
  ])('refuses %s before anybody is asked', async (_, link, exit) => {
    expect(await run(link)).toMatchObject({ ok: false, error: { code: 'ENROLMENT_LINK_INVALID', exit } });
  });

  it('sends nothing to a server with another fingerprint', async () => {
    const link = await linkFor('alice');
    const wrong = link.replace(/\.[^.]{43}$/, `.${'A'.repeat(43)}`);
    expect(code(await run(wrong, { out: lab.path('alice.toml') }))).toBe('SERVER_FINGERPRINT_MISMATCH');
    expect(code(await run(link, { out: lab.path('alice.toml') }))).toBe('none');
  });

  it('says so when there is nobody to ask for the link', async () => {
    expect(await run(null)).toMatchObject({ ok: false, error: { code: 'CLI_INVALID_ARGUMENT', exit: 2 } });
  });

  it('warns of a clock that is off', async () => {
    const link = await linkFor('alice');
    const { clock } = lab;
    const late: Clock = {
      now: () => clock.now() + 3_600_000,
      monotonic: () => clock.monotonic(),
      after: (ms, callback) => clock.after(ms, callback),
    };
    await enroll(link, { out: lab.path('alice.toml') }, world, { ...tools(), clock: late });
    expect(world.err.text).toContain('clock is 1 h ahead of the server’s');
  });
});

describe('renew', () => {
  it('gives a profile a fresh certificate and keeps the rest', async () => {
    const path = lab.path('alice.toml');
    await run(await linkFor('alice'), { out: path });
    const before = await readProfile(path);
    lab.clock.advance(86_400_000);
    world = new TestWorld();
    expect(await renew(path, {}, world, tools())).toEqual({ ok: true, value: undefined });
    expect(world.out.text).toMatch(/^The certificate of alice is good until \d{4}-/);
    const after = await readProfile(path);
    if (!before.ok || !after.ok) throw new Error('unreadable');
    expect(after.value.privateKey).not.toBe(before.value.privateKey);
    expect(after.value.url).toBe(before.value.url);
  });

  it('is refused for a client that is disabled', async () => {
    const path = lab.path('alice.toml');
    await run(await linkFor('alice'), { out: path });
    await admin('client', 'disable', 'alice');
    expect(await renew(path, {}, world, tools())).toMatchObject({ ok: false, error: { exit: 3 } });
  });
});

it('connect with a link keeps the profile and connects', async () => {
  const link = await linkFor('alice');
  const directories = {
    stateDir: lab.path('client'),
    runtimeDir: lab.path('run'),
    out: lab.path('alice.toml'),
  };
  const ended = connect(link, directories, world, lab.clientTools());
  await lab.until('a tunnel', () => world.out.text.includes('connected to'));
  expect(world.err.text).toContain(
    `From now on connect with: sudo masque-vpn connect ${lab.path('alice.toml')}`,
  );
  world.terminate();
  await ended;
});
