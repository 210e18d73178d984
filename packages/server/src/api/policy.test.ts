import { fail, ok, parseAddress } from '@masque-vpn/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestServer } from '../testing/testServer.js';

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({
    resolveName: (name) => {
      const addresses = name === 'files.example' ? ['192.0.2.7', '198.51.100.7'] : [];
      const parsed = addresses.flatMap((text) => {
        const address = parseAddress(text);
        return address.ok ? [address.value] : [];
      });
      return Promise.resolve(parsed.length === 0 ? fail('TARGET_UNRESOLVED') : ok(parsed));
    },
  });
  for (const name of ['alice', 'bob', 'nas']) await server.addClient(name);
});
afterAll(() => server[Symbol.asyncDispose]());

type Json = Readonly<Record<string, unknown>>;

/** Status and body of a call; the code of a problem stands for its body. */
async function call(
  method: string,
  path: string,
  body?: unknown,
  ifMatch?: string,
): Promise<{ readonly status: number; readonly body: Json }> {
  const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
  const answer = await server.call(method, `/api/v1${path}`, body, headers);
  return { status: answer.status, body: answer.body as Json };
}

async function codeOf(method: string, path: string, body?: unknown, ifMatch?: string): Promise<unknown> {
  const answer = await call(method, path, body, ifMatch);
  return `${answer.status} ${String(answer.body['code'])}`;
}

async function made(path: string, body: unknown): Promise<Json> {
  const answer = await call('POST', path, body);
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function actions(prefix: string): Promise<readonly unknown[]> {
  const { body } = await call('GET', `/audit?action=${prefix}`);
  return (body['items'] as readonly Json[]).map(({ action }) => action);
}

describe('groups', () => {
  test('a new server has one, with every client in it', async () => {
    const { body } = await call('GET', '/groups');
    expect(body['items']).toMatchObject([{ id: 'default', members: 3, version: 1 }]);
    const members = await call('GET', '/groups/default/members?limit=2');
    expect(members.body['items']).toEqual([{ clientId: 'alice' }, { clientId: 'bob' }]);
    const rest = await call('GET', `/groups/default/members?cursor=${String(members.body['nextCursor'])}`);
    expect(rest.body).toEqual({ items: [{ clientId: 'nas' }], nextCursor: null });
  });

  test('are made, changed, filled and deleted, and the audit log tells of it', async () => {
    const limits = { maxSessions: 2, routes: ['10.0.0.0/8'] };
    await made('/groups', { id: 'staff', limits });
    expect(await codeOf('POST', '/groups', { id: 'staff' })).toBe('409 GROUP_EXISTS');
    const changed = await call('PATCH', '/groups/staff', { displayName: 'Staff' }, '"1"');
    expect(changed.body).toMatchObject({ displayName: 'Staff', version: 2, limits });
    expect(await codeOf('PATCH', '/groups/staff', { note: 'late' }, '"1"')).toBe('412 API_VERSION_CONFLICT');
    expect((await call('PUT', '/groups/staff/members/bob')).status).toBe(204);
    expect((await call('PUT', '/groups/staff/members/bob')).status).toBe(204);
    expect((await call('GET', '/clients/bob')).body['groups']).toEqual(['default', 'staff']);
    expect(await codeOf('PUT', '/groups/staff/members/nobody')).toBe('404 CLIENT_NOT_FOUND');
    expect(await codeOf('PUT', '/groups/nothing/members/bob')).toBe('404 GROUP_NOT_FOUND');
    expect((await call('DELETE', '/groups/staff/members/bob')).status).toBe(204);
    expect((await call('DELETE', '/groups/staff')).status).toBe(204);
    expect(await codeOf('GET', '/groups/staff')).toBe('404 GROUP_NOT_FOUND');
    // Time stands still here, and so does the order of what happened in one millisecond.
    expect((await actions('group.')).toSorted()).toEqual([
      ...['group.create', 'group.create', 'group.delete', 'group.member.add', 'group.member.remove'],
      'group.update',
    ]);
  });

  test('one that rules name stays', async () => {
    expect(await codeOf('DELETE', '/groups/default')).toBe('409 GROUP_IN_USE');
  });

  test.each<[string, Json]>([
    ['a name with capitals', { id: 'Staff' }],
    ['a rate below any use', { id: 'slow', limits: { rateUpBytesPerSecond: 1 } }],
    ['a route with host bits', { id: 'routed', limits: { routes: ['10.0.0.1/8'] } }],
    ['no routes at all', { id: 'routed', limits: { routes: [] } }],
    ['a limit that does not exist', { id: 'odd', limits: { speed: 1 } }],
  ])('refuses %s', async (_, body) => {
    expect(await codeOf('POST', '/groups', body)).toBe('400 API_REQUEST_INVALID');
  });
});

describe('rules', () => {
  const anyone = { subject: { kind: 'everyone' } };

  async function order(): Promise<readonly unknown[]> {
    const { body } = await call('GET', '/rules');
    return (body['items'] as readonly Json[]).map(({ note }) => note);
  }

  test('stand where they were put', async () => {
    const last = await made('/rules', { ...anyone, action: 'deny', note: 'last' });
    await made('/rules', { ...anyone, action: 'deny', note: 'first', position: 1 });
    const middle = await made('/rules', { ...anyone, action: 'deny', note: 'middle', before: last['id'] });
    expect(await order()).toEqual(['first', null, 'middle', 'last']);
    const moved = await call('PATCH', `/rules/${String(middle['id'])}`, { after: last['id'] });
    expect(moved.body).toMatchObject({ position: 4, version: 2, note: 'middle' });
    expect(await order()).toEqual(['first', null, 'last', 'middle']);
    const twice = { ...anyone, action: 'deny', position: 1, before: last['id'] };
    expect(await codeOf('POST', '/rules', twice)).toBe('400 API_REQUEST_INVALID');
    const nowhere = { ...anyone, action: 'deny', before: '00000000-0000-4000-8000-000000000000' };
    expect(await codeOf('POST', '/rules', nowhere)).toBe('404 RULE_NOT_FOUND');
  });

  test('stand in the audit log with the names that people know', async () => {
    const rule = await made('/rules', {
      action: 'deny',
      subject: { kind: 'group', id: 'default' },
      destination: { kind: 'client', id: 'nas' },
    });
    const path = `/rules/${String(rule['id'])}`;
    await call('PATCH', path, { note: 'not yet' });
    await call('DELETE', path);
    const { body } = await call('GET', `/audit?targetKind=rule&target=${String(rule['id'])}`);
    const said = (body['items'] as readonly Json[]).map(({ detail }) => detail);
    expect(said).toHaveLength(3);
    for (const detail of said) {
      expect(detail).toMatchObject({ subject: { id: 'default' }, destination: { id: 'nas' } });
    }
  });

  test('a list is replaced as one, or not at all', async () => {
    const { body } = await call('GET', '/rules');
    const items = body['items'] as readonly Json[];
    const kept = items.map(({ id, action, subject, note }) => ({ id, action, subject, note })).toReversed();
    const broken = { action: 'allow', subject: { kind: 'client', id: 'nobody' } };
    expect(await codeOf('PUT', '/rules', { items: [...kept, broken] })).toBe('404 CLIENT_NOT_FOUND');
    expect((await order()).length).toBe(items.length);
    const version = `"${String(body['version'])}"`;
    const replaced = await call('PUT', '/rules', { items: kept.slice(1) }, version);
    expect(replaced.status).toBe(200);
    expect(await order()).toEqual(['last', null, 'first']);
    expect((replaced.body['items'] as readonly Json[])[0]).toMatchObject({ version: 1 });
    expect(await codeOf('PUT', '/rules', { items: [] }, version)).toBe('412 API_VERSION_CONFLICT');
  });

  test('the version that a list is read with holds, whatever else was changed before', async () => {
    const unchanged = async (): Promise<number> => {
      const { body } = await call('GET', '/rules');
      const items = (body['items'] as readonly Json[]).map(({ id, action, subject, note }) => ({
        ...{ id, action, subject, note },
      }));
      return (await call('PUT', '/rules', { items }, `"${String(body['version'])}"`)).status;
    };
    const { id } = await made('/clients/nas/prefixes', { prefix: '192.168.9.0/24' });
    expect(await unchanged()).toBe(200);
    await call('DELETE', `/clients/nas/prefixes/${String(id)}`);
    await made('/groups', { id: 'passing' });
    await call('DELETE', '/groups/passing');
    expect(await unchanged()).toBe(200);
    await server.addClient('visitor');
    await made('/rules', { action: 'deny', subject: { kind: 'client', id: 'visitor' } });
    await call('DELETE', '/clients/visitor');
    expect(await unchanged()).toBe(200);
  });

  test.each<[string, unknown]>([
    ['422 RULE_PORTS_WITHOUT_PROTOCOL', { ...anyone, action: 'allow', ports: [[80, 80]] }],
    [
      '422 RULE_DESTINATION_NOT_CLIENTS',
      { action: 'allow', subject: { kind: 'prefixes', prefixes: ['192.0.2.0/24'] } },
    ],
    ['404 GROUP_NOT_FOUND', { action: 'allow', subject: { kind: 'group', id: 'nothing' } }],
    ['400 API_REQUEST_INVALID', { ...anyone, action: 'allow', protocol: 'tcp', ports: [[443, 80]] }],
    ['400 API_REQUEST_INVALID', { ...anyone, action: 'allow', protocol: 256 }],
    ['400 API_REQUEST_INVALID', { ...anyone, action: 'maybe' }],
    [
      '400 API_REQUEST_INVALID',
      { ...anyone, action: 'allow', destination: { kind: 'name', name: '10.0.0.1' } },
    ],
  ])('%s', async (code, body) => {
    expect(await codeOf('POST', '/rules', body)).toBe(code);
  });

  test('an answer warns of what no administrator could undo from a client', async () => {
    await made('/groups', { id: 'administrators' });
    await call('PUT', '/groups/administrators/members/alice');
    const { body } = await call('POST', '/rules/rehearsal', { items: [] });
    expect(body['warnings']).toMatchObject([{ code: 'ADMINISTRATORS_LOCKED_OUT' }]);
    const { body: fine } = await call('POST', '/rules/rehearsal', {
      items: [{ ...anyone, action: 'allow' }],
    });
    expect(fine['warnings']).toEqual([]);
  });

  test('a packet to a name passes when it does to each address of it', async () => {
    const check = async (name: string): Promise<Json> => {
      const packet = { from: { client: 'alice' }, to: { name }, protocol: 'tcp', port: 443 };
      return (await call('POST', '/rules/check', packet)).body;
    };
    const destination = { kind: 'prefixes', prefixes: ['198.51.100.0/24'] };
    const refusing = await made('/rules', { ...anyone, action: 'deny', destination, position: 1 });
    const allowing = await made('/rules', { ...anyone, action: 'allow', position: 2 });
    expect(await check('files.example')).toMatchObject({
      ...{ passes: false, reason: 'RULE_DENIES', rule: { id: refusing['id'] } },
      ...{ fromClientId: 'alice', toAddress: '198.51.100.7' },
    });
    await call('DELETE', `/rules/${String(refusing['id'])}`);
    expect(await check('files.example')).toMatchObject({
      ...{ passes: true, reason: 'RULE_ALLOWS', rule: { id: allowing['id'] }, toAddress: '192.0.2.7' },
    });
    expect(await check('nothing.example')).toMatchObject({
      ...{ passes: false, reason: 'DESTINATION_UNRESOLVED', rule: null, toAddress: null },
    });
    await call('DELETE', `/rules/${String(allowing['id'])}`);
  });

  test('those that name a client go with it', async () => {
    await server.addClient('guest');
    const rule = await made('/rules', { action: 'deny', subject: { kind: 'client', id: 'guest' } });
    await call('DELETE', '/clients/guest');
    expect(await codeOf('GET', `/rules/${String(rule['id'])}`)).toBe('404 RULE_NOT_FOUND');
  });
});

describe('port forwards', () => {
  const forward = { protocol: 'tcp', publicPort: 2222, clientId: 'nas', clientPort: 22 };

  test('are made, changed and deleted, and follow their client’s name', async () => {
    const { id } = await made('/port-forwards', { ...forward, sources: ['192.0.2.0/24'] });
    expect(await codeOf('POST', '/port-forwards', forward)).toBe('409 PORT_FORWARD_TAKEN');
    const other = await made('/port-forwards', { ...forward, publicPort: 2223 });
    expect(await codeOf('PATCH', `/port-forwards/${String(other['id'])}`, { publicPort: 2222 })).toBe(
      '409 PORT_FORWARD_TAKEN',
    );
    const changed = await call('PATCH', `/port-forwards/${String(id)}`, { enabled: false }, '"1"');
    expect(changed.body).toMatchObject({ enabled: false, sources: ['192.0.2.0/24'], version: 2 });
    expect((await call('DELETE', `/port-forwards/${String(id)}`)).status).toBe(204);
    expect(await codeOf('GET', `/port-forwards/${String(id)}`)).toBe('404 PORT_FORWARD_NOT_FOUND');
  });

  test('never take what the server needs', async () => {
    const [, tunnelPort = ''] = /:(\d+)$/.exec(server.running.udpAddress) ?? [];
    for (const [protocol, publicPort] of [
      ['tcp', 22],
      ['udp', 67],
      ['udp', Number(tunnelPort)],
      ['tcp', Number(tunnelPort)],
    ]) {
      const body = { ...forward, protocol, publicPort };
      expect(await codeOf('POST', '/port-forwards', body)).toBe('422 PORT_FORWARD_RESERVED');
    }
  });
});

describe('networks behind clients', () => {
  test.each([
    ['10.89.0.128/25', '409 PREFIX_OVERLAPS_POOL'],
    ['fd4d:5156:504e::/80', '409 PREFIX_OVERLAPS_POOL'],
    ['0.0.0.0/0', '422 PREFIX_NOT_ROUTABLE'],
    ['128.0.0.0/1', '422 PREFIX_NOT_ROUTABLE'],
    ['127.0.0.0/8', '422 PREFIX_NOT_ROUTABLE'],
    ['224.0.0.0/24', '422 PREFIX_NOT_ROUTABLE'],
    ['fe80::/64', '422 PREFIX_NOT_ROUTABLE'],
    ['192.168.7.1/24', '400 API_REQUEST_INVALID'],
  ])('%s is refused with %s', async (prefix, code) => {
    expect(await codeOf('POST', '/clients/nas/prefixes', { prefix })).toBe(code);
  });

  test('one network is behind one client', async () => {
    const grant = await made('/clients/nas/prefixes', { prefix: '192.168.7.0/24' });
    expect(grant).toMatchObject({ prefix: '192.168.7.0/24', active: false });
    expect(await codeOf('POST', '/clients/bob/prefixes', { prefix: '192.168.0.0/16' })).toBe(
      '409 PREFIX_OVERLAPS_CLIENT',
    );
    expect((await call('GET', '/client-prefixes')).body['items']).toEqual([{ ...grant, clientId: 'nas' }]);
    const path = `/clients/bob/prefixes/${String(grant['id'])}`;
    expect(await codeOf('DELETE', path)).toBe('404 PREFIX_NOT_FOUND');
    expect((await call('DELETE', path.replace('bob', 'nas'))).status).toBe(204);
  });
});

describe('usage', () => {
  test('stands beside what holds for a client after inheritance', async () => {
    await made('/groups', { id: 'limited', limits: { monthlyQuotaBytes: 1_000, maxSessions: 3 } });
    await call('PUT', '/groups/limited/members/bob');
    await call('PATCH', '/clients/bob', { limits: { maxSessions: 2 } });
    expect((await call('GET', '/clients/bob/effective-limits')).body).toEqual({
      rateUpBytesPerSecond: null,
      rateDownBytesPerSecond: null,
      monthlyQuotaBytes: 1_000,
      monthUsedBytes: 0,
      maxSessions: 2,
      routes: ['0.0.0.0/0', '::/0'],
      dns: null,
    });
    expect(await codeOf('GET', '/clients/nobody/effective-limits')).toBe('404 CLIENT_NOT_FOUND');
  });

  test('of a month stands beside what everybody may move by now', async () => {
    await made('/groups', { id: 'metered', limits: { monthlyQuotaBytes: 7_000 } });
    for (const name of ['free', 'metered', 'leaver']) {
      const client = await server.connected(await server.addClient(name));
      await client.request();
    }
    await call('PUT', '/groups/metered/members/metered');
    await call('PUT', '/groups/metered/members/leaver');
    await call('DELETE', '/clients/leaver');
    const { body } = await call('GET', '/usage');
    expect(body['items']).toMatchObject([
      { clientId: 'free', sessions: 1, monthlyQuotaBytes: null },
      { clientId: 'leaver', sessions: 1, monthlyQuotaBytes: null },
      { clientId: 'metered', sessions: 1, monthlyQuotaBytes: 7_000 },
    ]);
  });

  test('of somebody unknown is not there, of somebody silent is empty', async () => {
    expect(await codeOf('GET', '/clients/nobody/usage')).toBe('404 CLIENT_NOT_FOUND');
    expect((await call('GET', '/clients/alice/usage')).body).toEqual({ items: [], nextCursor: null });
    expect((await call('GET', '/usage?month=2026-01')).body).toEqual({ items: [], nextCursor: null });
    expect(await codeOf('GET', '/usage?month=2026-13')).toBe('400 API_REQUEST_INVALID');
  });
});
