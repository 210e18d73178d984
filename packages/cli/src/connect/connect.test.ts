import { afterEach, beforeEach, expect, it } from 'vitest';
import { Lab } from '../testing/lab.js';
import { say, TestWorld } from '../testing/testWorld.js';
import { connect, type ConnectFlags } from './connect.js';

let lab: Lab;
beforeEach(async () => {
  lab = await Lab.start();
});
afterEach(async () => {
  await lab[Symbol.asyncDispose]();
});

async function addClient(name: string): Promise<string> {
  const path = lab.path(`${name}.toml`);
  const said = await say('admin', 'client', 'add', name, '--out', path, '--socket', lab.server.adminSocket);
  if (said.exit !== 0) throw new Error(said.err);
  return path;
}

function flags(more: ConnectFlags = {}): ConnectFlags {
  return { stateDir: lab.path('client'), runtimeDir: lab.path('run'), ...more };
}

it('connects with a fresh profile, shows up in the status, and leaves no trace', async () => {
  const profile = await addClient('alice');
  const world = new TestWorld();
  const ended = connect(profile, flags(), world, lab.clientTools());
  await lab.until('a tunnel', () => world.out.text.includes('connected to'));
  const line = world.out.text.split('\n').find((text) => text.includes('connected to')) ?? '';
  expect(JSON.parse(line)).toMatchObject({
    level: 'info',
    msg: expect.stringMatching(/^connected to vpn\.example\.org:\d+$/) as string,
    addresses: [expect.stringMatching(/^10\.89\./), expect.stringMatching(/^fd4d:/)] as string[],
    routes: ['0.0.0.0/0', '::/0'],
  });
  const socket = lab.server.adminSocket;
  const status = await say('status', '--runtime-dir', lab.path('run'), '--socket', socket);
  expect(status.out).toMatch(/^client alice of vpn\.example\.org:\d+\n {2}state +up for /);
  expect(status.out).toMatch(/^server\n {2}version /m);
  expect((await say('admin', 'session', 'list', '--socket', socket)).out).toMatch(
    /^alice +198\.51\.100\.7:/m,
  );
  world.terminate();
  expect(await ended).toEqual({ ok: true, value: undefined });
  expect(lab.clientHost.isClean).toBe(true);
  expect(world.out.text).toMatch(/"msg":"ended after .*: 0 B received, 0 B sent"/);
});

it('shows one live line on a terminal, and takes it away at the end', async () => {
  const profile = await addClient('alice');
  const world = new TestWorld({ isTerminal: true });
  const ended = connect(profile, flags(), world, lab.clientTools());
  await lab.until('a tunnel', () => world.out.text.includes('connected to'));
  lab.clock.advance(1_000);
  const shown = world.out.text.split('\r\u001b[K').at(-1);
  expect(shown).toMatch(
    /^alice {2}up 1 s {2}↓ +0 bit\/s {2}↑ +0 bit\/s {2}1\.0 ms {2}10\.89\.\d+\.\d+ fd4d:/,
  );
  world.terminate();
  await ended;
  expect(world.out.text.split('\r\u001b[K').at(-1)).toMatch(/^\d\d:\d\d:\d\d {3}ended after 1 s: [^\n]*\n$/);
});

it('says what to run where changing the host is not allowed', async () => {
  const profile = await addClient('alice');
  lab.clientHost.failNextOpen({
    code: 'HOST_PERMISSION_DENIED',
    message: 'changing addresses needs CAP_NET_ADMIN',
  });
  const ended = await connect(profile, flags(), new TestWorld(), lab.clientTools());
  expect(ended).toMatchObject({
    ok: false,
    error: { code: 'CLIENT_PERMISSION_DENIED', exit: 4 },
  });
  expect(ended.ok ? '' : ended.error.message).toContain(`Run: sudo masque-vpn connect ${profile}`);
});

it('ends with the code of a refusal when it must not try again', async () => {
  const profile = await addClient('alice');
  await say('admin', 'client', 'disable', 'alice', '--socket', lab.server.adminSocket);
  const ended = await connect(profile, flags({ once: true }), new TestWorld(), lab.clientTools());
  expect(ended).toMatchObject({ ok: false, error: { code: 'SERVER_REFUSED_CLIENT', exit: 3 } });
});

it('refuses a profile that is not there', async () => {
  expect(await say('connect', lab.path('none.toml'))).toMatchObject({
    exit: 2,
    err: expect.stringContaining('(PROFILE_NOT_FOUND)') as string,
  });
});
