import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { authorityOf, expired, foreignAuthority, issue } from '../pki/certificates.js';
import { Cleanup } from '../process/cleanup.js';
import { RogueClient } from '../rogue/rogueClient.js';
import { ping } from '../traffic/ping.js';

describe('a server with one decent client and one bad one', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let alice: VpnClient;
  let mallory: RogueClient;
  let malloryProfile: string;

  const errors = async (error_type: string): Promise<number> =>
    (await server.metrics(lab.host)).sum('masque_vpn_errors_total', { error_type });
  const failedRequests = async (): Promise<number> =>
    (await server.metrics(lab.host)).sum('masque_vpn_masque_requests_total', { status: 'failed' });

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create({ clients: 2 }));
    server = cleanup.use(await VpnServer.start(lab));
    alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    malloryProfile = await server.addClient('mallory');
    mallory = cleanup.use(await RogueClient.create(lab.client(2).namespace, malloryProfile, lab.server.ipv4));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  it('turns a certificate of another authority away during the handshake, and counts it', async () => {
    const before = await errors('auth');
    const certificate = await issue(await foreignAuthority(), 'mallory');
    // TLS 1.3: the client may think it is connected for a moment, until the server's alert arrives.
    const event = await mallory.connect({ certificate });
    if (event.type === 'connected') await mallory.connectionClosed(event.connectionId);
    await expect.poll(() => errors('auth')).toBe(before + 1);
  });

  it('turns an expired certificate away, and counts it', async () => {
    const before = await errors('auth');
    const certificate = await issue(await authorityOf(server.stateDirectory), 'mallory', expired);
    const event = await mallory.connect({ certificate });
    if (event.type === 'connected') await mallory.connectionClosed(event.connectionId);
    await expect.poll(() => errors('auth')).toBe(before + 1);
  });

  it('answers 401 without a certificate (CIP-309)', async () => {
    const before = await failedRequests();
    const connectionId = await mallory.connected({ certificate: null });
    expect(await mallory.request(connectionId)).toMatchObject({ status: 401 });
    expect(await failedRequests()).toBe(before + 1);
  });

  it('refuses a certificate of its own authority that it never issued', async () => {
    const before = await errors('auth');
    const certificate = await issue(await authorityOf(server.stateDirectory), 'alice');
    const connectionId = await mallory.connected({ certificate });
    const answer = await mallory.request(connectionId);
    expect(answer).toMatchObject({ type: 'response' });
    expect([401, 403]).toContain('status' in answer ? answer.status : 0);
    expect(await errors('auth')).toBe(before + 1);
  });

  it('answers 403 to a disabled client, ends its session, and lets it in again once enabled', async () => {
    const { connectionId, sessionId } = await mallory.session();
    expect((await server.admin('client', 'disable', 'mallory')).code).toBe(0);
    await mallory.closed(sessionId);
    expect(await mallory.request(await mallory.connected())).toMatchObject({ status: 403 });
    expect((await server.admin('client', 'enable', 'mallory')).code).toBe(0);
    const again = await mallory.session();
    await mallory.engine.call('closeConnection', again.connectionId, 0x100, '');
    await mallory.engine.call('closeConnection', connectionId, 0x100, '');
  });

  it.for([
    { what: 'an unknown path', changes: { ':path': '/.well-known/masque/udp/*/*/' }, status: 404 },
    { what: 'another authority', changes: { ':authority': 'elsewhere.example' }, status: 421 },
    { what: 'an unknown :protocol', changes: { ':protocol': 'connect-foo' }, status: 501 },
  ] as const)('answers $status to $what (CIP-305, CIP-307, CIP-319)', async ({ changes, status }) => {
    const before = await failedRequests();
    const connectionId = await mallory.connected();
    expect(await mallory.request(connectionId, changes)).toMatchObject({ status });
    expect(await failedRequests()).toBe(before + 1);
    await mallory.engine.call('closeConnection', connectionId, 0x100, '');
  });

  it('resets a request whose scope breaks the rules, with or without a 400 first (CIP-306)', async () => {
    const before = await failedRequests();
    const connectionId = await mallory.connected();
    const answer = await mallory.request(connectionId, { ':path': '/.well-known/masque/ip/*/256/' });
    // The reset may overtake the response (RFC 9000 §3.2).
    if ('status' in answer) expect(answer.status).toBe(400);
    expect(await mallory.closed(answer.sessionId)).toMatchObject({ cause: 'peerReset', code: 0x10e });
    expect(await failedRequests()).toBe(before + 1);
    await mallory.engine.call('closeConnection', connectionId, 0x100, '');
  });

  it('aborts a session whose capsules are malformed, and counts it (CIP-708)', async () => {
    const before = await errors('masque');
    const { connectionId, sessionId } = await mallory.session();
    // ADDRESS_REQUEST with IP version 9.
    const value = Uint8Array.from([0x01, 0x09, 0, 0, 0, 0, 0x20]);
    await mallory.engine.call('sendCapsules', sessionId, [{ type: 2n, value }]);
    expect(await mallory.closed(sessionId)).toMatchObject({ cause: 'peerReset' });
    await expect.poll(() => errors('masque')).toBe(before + 1);
    await mallory.engine.call('closeConnection', connectionId, 0x100, '');
  });

  it('harmed nobody else by any of this', async () => {
    expect((await server.sessions()).map(({ clientId }) => clientId)).toContain('alice');
    expect((await ping(alice.machine.namespace, lab.host.ipv4)).received).toBe(3);
    expect((await ping(alice.machine.namespace, lab.host.ipv6)).received).toBe(3);
    expect((await alice.status()).attempts).toBe(0);
  });
});
