import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../testing/lab.js';
import { type Said, say } from '../testing/testWorld.js';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
  for (const name of ['alice', 'bob']) await admin('client', 'add', name, '--out', lab.path(`${name}.toml`));
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

/** `masque-vpn admin …` against the lab's server. */
async function admin(...args: readonly string[]): Promise<Said> {
  return say('admin', '--socket', lab.server.adminSocket, ...args);
}

const rows = ({ out }: Said): string[] =>
  out
    .split('\n')
    .slice(1)
    .filter((line) => /^\d/.test(line))
    .map((line) => line.replaceAll(/ {2,}/g, ' ').trimEnd());

describe('admin group', () => {
  it('creates, fills, limits and deletes', async () => {
    expect((await admin('group', 'add', 'staff', '--rate-down', '100Mbit/s')).exit).toBe(0);
    expect((await admin('group', 'member', 'add', 'staff', 'alice', 'bob')).out).toBe(
      'alice, bob are in staff.\n',
    );
    expect((await admin('group', 'member', 'list', 'staff')).out).toBe('alice\nbob\n');
    expect((await admin('client', 'list', '--group', 'staff', '--json')).out).toContain('"id":"bob"');
    expect((await admin('group', 'member', 'remove', 'staff', 'bob')).out).toBe(
      'bob is no longer in staff.\n',
    );
    const set = await admin('group', 'set', 'staff', '--shared-rate-up', '1Gbit/s', '--note', 'us');
    expect(set.out).toMatch(/^rate up, shared +1\.00 Gbit\/s$/m);
    expect((await admin('group', 'show', 'staff')).out).toMatch(/^members +1$/m);
    expect((await admin('group', 'delete', 'staff')).exit).toBe(2);
    expect((await admin('group', 'delete', 'staff', '--yes')).exit).toBe(0);
    expect(await admin('group', 'show', 'staff')).toMatchObject({ exit: 3 });
  });

  it('stops at a client that does not exist', async () => {
    await admin('group', 'add', 'printers');
    const said = await admin('group', 'member', 'add', 'printers', 'alice', 'nobody', 'bob');
    expect(said).toMatchObject({ exit: 3, err: expect.stringContaining('(CLIENT_NOT_FOUND)') as string });
    expect((await admin('group', 'member', 'list', 'printers')).out).toBe('alice\n');
  });
});

describe('admin rule', () => {
  it('adds, moves, changes and deletes, by number', async () => {
    const ssh = [
      '--from',
      'client:alice',
      '--to',
      '10.20.0.0/16',
      '--proto',
      'tcp',
      '--port',
      '22,8000-8010',
    ];
    expect((await admin('rule', 'add', 'allow', ...ssh, '--first', '--note', 'ssh')).out).toBe(
      'Rule #2 at place 1: allow client:alice to 10.20.0.0/16, tcp 22,8000-8010.\n',
    );
    await admin('rule', 'add', 'deny', '--to', '10.0.0.0/8', '--before', '1');
    expect(rows(await admin('rule', 'list'))).toEqual([
      '1 #2 allow client:alice 10.20.0.0/16 tcp 22,8000-8010 ssh',
      '2 #3 deny everyone 10.0.0.0/8 any all',
      '3 #1 allow group:default any any all',
    ]);
    await admin('rule', 'move', '#3', '--position', '1');
    await admin('rule', 'set', '2', '--port', 'none', '--note', '');
    await admin('rule', 'disable', '3');
    expect(rows(await admin('rule', 'list')).slice(0, 2)).toEqual([
      '1 #3 (deny) everyone 10.0.0.0/8 any all',
      '2 #2 allow client:alice 10.20.0.0/16 tcp all',
    ]);
    expect((await admin('rule', 'show', '3')).out).toMatch(/^state +disabled: it decides nothing$/m);
    await admin('rule', 'delete', '3', '--yes');
    expect(rows(await admin('rule', 'list'))).toHaveLength(2);
    expect(await admin('rule', 'show', '3')).toMatchObject({ exit: 2 });
  });

  it('explains a packet, for scripts by its exit code', async () => {
    const ssh = ['--from', 'alice', '--to', '10.20.0.5', '--port', '22'];
    expect(await admin('rule', 'check', ...ssh)).toEqual({
      exit: 0,
      err: '',
      out: 'Passes: rule #2 decides: allow client:alice to 10.20.0.0/16, tcp (RULE_ALLOWS)\n',
    });
    const refused = await admin('rule', 'check', '--from', 'alice', '--to', 'client:bob', '--proto', 'icmp');
    expect(refused).toMatchObject({ exit: 3, err: '' });
    expect(refused.out).toMatch(/^Is refused: .* \(NO_RULE\)\n$/);
    const json = await admin('rule', 'check', ...ssh, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ passes: true, rule: { number: 2 } });
  });

  it('rehearses and applies what it listed itself', async () => {
    const file = lab.path('rules.json');
    await writeFile(file, (await admin('rule', 'list', '--json')).out);
    const before = rows(await admin('rule', 'list'));
    expect((await admin('rule', 'rehearse', file)).out).toMatch(
      /^Of 0 recently sampled flows .* would cut none\.\n/,
    );
    expect(await admin('rule', 'apply', file)).toMatchObject({ exit: 2 });
    expect((await admin('rule', 'apply', file, '--yes')).exit).toBe(0);
    expect(rows(await admin('rule', 'list'))).toEqual(before);
  });

  it.each([
    [['add', 'permit'], 'must be allow or deny'],
    [['add', 'allow', '--to', '10.0.0.1/8'], '10.0.0.0/8'],
    [['add', 'allow', '--first', '--position', '2'], 'only one of'],
    [['move', '1'], 'Say where to'],
    [['rehearse', '/nowhere.json'], 'cannot be read'],
    [['show', '99'], 'There is no rule 99'],
    [['check', '--from', 'alice'], "required option '--to <end>'"],
  ])('refuses %j', async (args, reason) => {
    const said = await admin('rule', ...args);
    expect(said).toMatchObject({ exit: 2, out: '' });
    expect(said.err).toContain(reason);
  });

  it('refuses a file that is no list of rules, and says where it is wrong', async () => {
    const file = lab.path('wrong.json');
    await writeFile(file, '{"items":[{"action":"permit"}]}');
    expect((await admin('rule', 'rehearse', file)).err).toContain('items.0.action');
  });
});

describe('admin client network and forward', () => {
  it('grant what is behind a client', async () => {
    expect((await admin('client', 'network', 'add', 'alice', '10.20.0.0/16')).out).toContain(
      'advertise = ["10.20.0.0/16"]',
    );
    expect((await admin('client', 'network', 'list', 'alice')).out).toMatch(/^10\.20\.0\.0\/16 +no /m);
    expect((await admin('client', 'network', 'delete', 'alice', '10.20.0.0/16')).exit).toBe(0);
    expect((await admin('client', 'network', 'delete', 'alice', '10.20.0.0/16')).exit).toBe(2);
  });

  it('lead ports to clients', async () => {
    await admin('forward', 'add', '8022', 'alice', '22', '--source', '198.51.100.0/24');
    await admin('forward', 'add', '8022', 'alice', '--proto', 'udp');
    expect((await admin('forward', 'list')).out).toMatch(
      /^8022\/tcp +alice +22 +enabled +198\.51\.100\.0\/24 /m,
    );
    expect((await admin('forward', 'disable', '8022')).err).toContain('say 8022/tcp or 8022/udp');
    expect((await admin('forward', 'disable', '8022/udp')).exit).toBe(0);
    expect((await admin('forward', 'delete', '8022/udp')).exit).toBe(0);
    expect((await admin('forward', 'delete', '8022')).out).toBe('Port 8022/tcp leads nowhere now.\n');
  });
});
