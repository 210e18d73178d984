import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@masque-vpn/engine/fake';
import { parseCertified } from '@masque-vpn/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { client as registered, LocalProvider } from '../administration/testing/localProvider.js';
import {
  AuditListModel,
  ClientModel,
  CreatedDeviceModel,
  DeviceListModel,
  DiagnosisModel,
  ExplanationModel,
  PrincipalModel,
  ProblemModel,
} from './models.js';
import type { TestClient } from '../testing/testClient.js';
import { httpCall, testConfig, TestServer, type HttpAnswer } from '../testing/testServer.js';
import { freePort } from '../enrolments/testing/freePort.js';
import { parsed, redeem } from '../enrolments/testing/machine.js';

const origin = 'https://vpn.example.org:8080';
const callback = '/api/v1/login/oidc/callback';
const bob = { name: 'bob', email: 'bob@example.org' };

let provider: LocalProvider;
let server: TestServer;

/** Staff may have devices, two each; engineers are let to the build machines. */
beforeEach(async () => {
  provider = await LocalProvider.start(`${origin}${callback}`, 'idToken');
  provider.accounts.set('2', { ...bob, groups: ['staff', 'engineering'] });
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-'));
  const config = testConfig(directory);
  const clientSecretFile = join(directory, 'oidc-secret');
  mkdirSync(directory, { recursive: true });
  writeFileSync(clientSecretFile, `${registered.secret}\n`, { mode: 0o600 });
  const port = await freePort();
  const listen = { address: '127.0.0.1', port, text: `127.0.0.1:${port}` };
  server = await TestServer.start({
    directory,
    clock: new ManualClock(),
    config: {
      server: { ...config.server, host: '127.0.0.1', listen },
      front: { enabled: true },
      oidc: {
        issuer: new URL(provider.issuer),
        clientId: registered.id,
        clientSecretFile,
        label: 'Example',
        redirectOrigin: origin,
        scopes: ['openid', 'profile', 'email'],
        groupsClaim: 'groups',
        owners: ['vpn-owners'],
        operators: [],
        readers: [],
        deviceUsers: ['staff'],
        devicesPerPerson: 2,
        deviceLifetimeMs: null,
      },
    },
  });
  await made('PUT', '/api/v1/rules', { items: [] });
  await made('POST', '/api/v1/groups', {
    id: 'engineers',
    oidcClaim: 'engineering',
    limits: { maxSessions: 1 },
  });
  await made('POST', '/api/v1/rules', {
    action: 'allow',
    subject: { kind: 'group', id: 'engineers' },
    destination: { kind: 'prefixes', prefixes: ['192.0.2.0/24'] },
    protocol: 'any',
    enabled: true,
  });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

async function made(method: string, path: string, body: unknown): Promise<void> {
  const answer = await server.call(method, path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
}

/** As a browser on this machine: over TCP, with cookies. */
function browse(
  method: string,
  path: string,
  { cookie, body }: { readonly cookie?: string; readonly body?: unknown } = {},
): Promise<HttpAnswer> {
  const port = Number(server.running.apiAddress.split(':').at(-1));
  return httpCall({ host: '127.0.0.1', port }, method, path, body, {
    'x-csrf-protection': '1',
    ...(cookie === undefined ? {} : { cookie }),
  });
}

function cookieIn({ headers }: HttpAnswer): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** Signs bob in at the provider; what the server then answers. */
async function signIn(): Promise<HttpAnswer> {
  const begun = await browse('GET', '/api/v1/login/oidc');
  const back = await provider.signIn(String(begun.headers.location), '2');
  return browse('GET', `${callback}${back.search}`, { cookie: cookieIn(begun) });
}

/** A device that bob makes, and the machine that becomes it. */
async function newDevice(cookie: string, displayName: string): Promise<{ id: string; machine: TestClient }> {
  const answer = await browse('POST', '/api/v1/me/devices', { cookie, body: { displayName } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const { device, enrolment } = CreatedDeviceModel.parse(answer.body);
  const { status, body, keyPem } = await redeem(parsed(enrolment.link));
  expect(status).toBe(200);
  const certified = parseCertified(body);
  if (!certified.ok) throw new Error(certified.error.message);
  expect(certified.value.clientId).toBe(device.id);
  server.trust(certified.value.serverTrust.anchorsPem);
  const machine = await server.connected({ chainPem: certified.value.certificatePem, keyPem });
  return { id: device.id, machine };
}

async function groupsOf(id: string): Promise<readonly string[]> {
  return ClientModel.parse((await server.call('GET', `/api/v1/clients/${id}`)).body).groups;
}

async function reachesBuildMachines(id: string): Promise<boolean> {
  const packet = { from: { client: id }, to: { address: '192.0.2.7' }, protocol: 'tcp', port: 22 };
  return ExplanationModel.parse((await server.call('POST', '/api/v1/rules/check', packet)).body).passes;
}

describe('somebody whom the provider vouches for', () => {
  test('enrols a device, which gets what the groups of the provider give', async () => {
    const cookie = cookieIn(await signIn());
    const person = PrincipalModel.parse((await browse('GET', '/api/v1/me', { cookie })).body);
    expect(person).toMatchObject({ kind: 'person', name: 'bob', permissions: [], hasDevices: true });
    const { id, machine } = await newDevice(cookie, 'Laptop of Bob');
    expect((await machine.request()).status).toBe(200);
    expect(await groupsOf(id)).toEqual(['engineers']);
    expect(await reachesBuildMachines(id)).toBe(true);
    // The limit of the group holds for it.
    expect((await machine.request()).status).toBe(503);
    const { items } = DeviceListModel.parse((await browse('GET', '/api/v1/me/devices', { cookie })).body);
    expect(items.map(({ displayName }) => displayName)).toEqual(['Laptop of Bob']);
    const audit = AuditListModel.parse((await server.call('GET', '/api/v1/audit?limit=100')).body);
    const byBob = audit.items.filter(({ actor }) => actor.kind === 'person' && actor.name === 'bob');
    expect(byBob.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['login.accept', 'client.create', 'enrolment.create']),
    );
  });

  test('has as many devices as one may have, and touches nothing else', async () => {
    const cookie = cookieIn(await signIn());
    await newDevice(cookie, 'one');
    await newDevice(cookie, 'two');
    const third = await browse('POST', '/api/v1/me/devices', { cookie, body: { displayName: 'three' } });
    expect(ProblemModel.parse(third.body).code).toBe('DEVICE_TOO_MANY');
    await server.addClient('alice');
    const foreign = await browse('DELETE', '/api/v1/me/devices/alice', { cookie });
    expect(ProblemModel.parse(foreign.body).code).toBe('DEVICE_NOT_FOUND');
    expect(ProblemModel.parse((await browse('GET', '/api/v1/clients', { cookie })).body).code).toBe(
      'API_FORBIDDEN',
    );
  });

  test('takes a device back: its tunnel ends, and its certificate is of no use', async () => {
    const cookie = cookieIn(await signIn());
    const { id, machine } = await newDevice(cookie, 'lost');
    const { sessionId } = await machine.request();
    expect((await browse('DELETE', `/api/v1/me/devices/${id}`, { cookie })).status).toBe(204);
    await server.until('the end of the session', () => machine.closeOf(sessionId) !== null);
    expect((await machine.request()).status).toBe(403);
  });

  test('who leaves a group loses for the devices what it gave; the tunnel stays', async () => {
    const { id, machine } = await newDevice(cookieIn(await signIn()), 'Laptop');
    const { sessionId } = await machine.request();
    provider.accounts.set('2', { ...bob, groups: ['staff'] });
    expect((await signIn()).status).toBe(303);
    expect(await groupsOf(id)).toEqual([]);
    expect(await reachesBuildMachines(id)).toBe(false);
    expect(machine.closeOf(sessionId)).toBeNull();
    provider.accounts.set('2', { ...bob, groups: ['staff', 'engineering'] });
    await signIn();
    expect(await reachesBuildMachines(id)).toBe(true);
  });

  test('who may have no devices any more loses for them what groups gave, though nobody is signed in', async () => {
    const { id } = await newDevice(cookieIn(await signIn()), 'Laptop');
    provider.accounts.set('2', { ...bob, groups: ['others'] });
    const refused = await signIn();
    expect(ProblemModel.parse(refused.body).code).toBe('OIDC_NOT_PERMITTED');
    expect(refused.headers['set-cookie']).toBeUndefined();
    expect(await groupsOf(id)).toEqual([]);
    expect(await reachesBuildMachines(id)).toBe(false);
    const asked = server.call('GET', `/api/v1/clients/${id}/diagnosis`);
    let answer: HttpAnswer | null = null;
    void asked.then((given) => (answer = given));
    await server.until('the diagnosis', () => {
      server.clock.advance(100);
      return answer !== null;
    });
    const { connection } = DiagnosisModel.parse((await asked).body);
    expect(connection[0]?.code).toBe('NOTHING_ALLOWED');
  });
});
