import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../connect/connect.js';
import { Lab } from '../testing/lab.js';
import { type Said, say, TestWorld } from '../testing/testWorld.js';

let lab: Lab;
let client: TestWorld;
let ended: Promise<unknown>;
beforeAll(async () => {
  lab = await Lab.start();
  await admin('client', 'add', 'alice', '--out', lab.path('alice.toml'));
  client = new TestWorld();
  const directories = { stateDir: lab.path('client'), runtimeDir: lab.path('run') };
  ended = connect(lab.path('alice.toml'), directories, client, lab.clientTools());
  await lab.until('a tunnel', () => client.out.text.includes('connected to'));
});
afterAll(async () => {
  client.terminate();
  await ended;
  await lab[Symbol.asyncDispose]();
});

async function admin(...args: readonly string[]): Promise<Said> {
  return say('admin', '--socket', lab.server.adminSocket, ...args);
}

it('a session is listed, shown, and ended', async () => {
  expect((await admin('session', 'list', '--client', 'alice')).out).toMatch(
    /^alice +198\.51\.100\.7:\d+ +10\.89\./m,
  );
  const { items } = JSON.parse((await admin('session', 'list', '--json')).out) as { items: { id: string }[] };
  const id = items[0]?.id ?? '';
  const shown = (await admin('session', 'show', id)).out;
  expect(shown).toMatch(/^end +open$/m);
  expect(shown).toMatch(/^congestion +looks for the rate of the path, window 65.5 kB$/m);
  expect((await admin('session', 'disconnect', id)).exit).toBe(0);
  expect((await admin('session', 'history', '--client', 'alice', '--since', '1h')).exit).toBe(0);
  expect(await admin('session', 'show', '00000000-0000-4000-8000-000000000000')).toMatchObject({ exit: 3 });
});

it('pools and leases say who has which address', async () => {
  expect((await admin('pool', 'list')).out).toMatch(/^10\.89\.0\.0\/16 +65533 /m);
  expect((await admin('pool', 'leases', '--client', 'alice')).out).toMatch(/^10\.89\.\d+\.\d+ +alice /m);
  expect(await admin('pool', 'leases', '--state', 'mine')).toMatchObject({ exit: 2 });
});

it('the audit log names who did what', async () => {
  const { out } = await admin('audit', '--action', 'client.', '--target', 'alice');
  expect(out).toMatch(/ \(local\) +here +client\.create +client alice/);
  await admin('client', 'set', 'alice', '--note', 'x');
  expect((await admin('audit', '--action', 'client.update')).out).toContain('note=-→x');
  expect((await admin('audit', '--actor', 'nobody')).out).toBe('Nothing like that was done.\n');
});

it('usage, flows and the log can be looked at', async () => {
  for (const line of [['usage'], ['usage', '--client', 'alice'], ['flow', 'list', '--refused'], ['log']]) {
    expect([line, (await admin(...line)).exit]).toEqual([line, 0]);
  }
});

it('settings are shown and changed, and server.toml can be looked at', async () => {
  expect((await admin('settings', 'set', '--link-hours', '4', '--default-groups', 'none')).out).toMatch(
    /^groups of new clients +none\nlife of a link +4 hours$/m,
  );
  expect((await admin('settings', 'show')).out).toMatch(/^life of a link +4 hours$/m);
  expect((await admin('settings', 'file')).out).toMatch(/^server\.host +vpn\.example\.org +file$/m);
});

it('certificates and authorities are shown, revoked and rolled over', async () => {
  const listed = await admin('certificate', 'list', '--client', 'alice', '--usable');
  const sha256 = /\b[0-9a-f]{64}\b/.exec(listed.out)?.[0] ?? '';
  expect((await admin('certificate', 'revoke', sha256)).exit).toBe(2);
  expect((await admin('certificate', 'revoke', sha256, '--yes', '--reason', 'lost')).exit).toBe(0);
  expect((await admin('certificate', 'list')).out).toContain('revoked: lost');
  expect((await admin('ca', 'show')).out).toMatch(/certifies clients, certifies the server/);
  expect((await admin('ca', 'rollover')).exit).toBe(2);
  expect((await admin('ca', 'rollover', '--yes')).exit).toBe(0);
  expect(JSON.parse((await admin('ca', 'show', '--json')).out)).toMatchObject({
    authorities: { length: 2 },
  });
  expect((await admin('certificate', 'import', 'alice', 'ab'.repeat(32))).err).toContain('add --until');
  expect((await admin('certificate', 'import', 'alice', 'ab'.repeat(32), '--until', '90d')).exit).toBe(0);
});

it('administrators and tokens are made with what is shown once', async () => {
  const added = await admin('administrator', 'add', 'carol', '--role', 'owner');
  expect(added.out).toContain('/setup#');
  expect((await admin('administrator', 'list')).out).toMatch(/^carol +owner +enabled +nothing yet +never$/m);
  const token = await admin('token', 'add', 'job', '--permission', 'clients:read', '--expires', '90d');
  expect(token.out).toMatch(/^\S+\n$/);
  const listed = await admin('token', 'list');
  expect(listed.out).not.toContain(token.out.trim());
  const id = /[0-9a-f-]{36}$/m.exec(listed.out)?.[0] ?? '';
  expect((await admin('token', 'revoke', id)).exit).toBe(0);
  expect(await admin('token', 'add', 'job', '--permission', 'everything')).toMatchObject({ exit: 2 });
});

it('webhooks are made, listed and deleted', async () => {
  const added = await admin('webhook', 'add', 'https://ops.example.org/hook', '--events', 'session.refused');
  expect(added.out).toContain('is not shown again');
  const listed = await admin('webhook', 'list');
  const id = /[0-9a-f-]{36}$/m.exec(listed.out)?.[0] ?? '';
  expect((await admin('webhook', 'disable', id)).out).toContain('told of nothing');
  expect((await admin('webhook', 'deliveries', id)).out).toBe('Nothing was delivered yet.\n');
  expect((await admin('webhook', 'delete', id, '--yes')).exit).toBe(0);
});
