import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatProfile, readProfile } from '@masque-vpn/client';
import {
  AuditListModel,
  CertificateListModel,
  ChangedRuleModel,
  ClientModel,
  CreatedEnrolmentModel,
  ExplanationModel,
  FlowListModel,
  PastSessionListModel,
  PrincipalModel,
} from '@masque-vpn/server/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { Administrator, firstOwnerSecret } from '../lab/administrator.js';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer } from '../lab/vpnServer.js';
import { authorityOf, issue } from '../pki/certificates.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import type { Finished } from '../process/run.js';
import { masqueVpn } from '../repository.js';
import { ping } from '../traffic/ping.js';
import { Traffic } from '../traffic/transfer.js';

/** Two thirds of its life are over in 10 seconds, when its owner begins to renew it, with up to 9 more of jitter. */
const short = { fromMs: -60_000, untilMs: 45_000 };
const monthMs = 29 * 24 * 3_600_000;

describe('from the first owner to a client that is out again', () => {
  const cleanup = new Cleanup();
  let lab: Lab;
  let server: VpnServer;
  let owner: Administrator;
  let alice: VpnClient;
  let link: string;

  beforeAll(async () => {
    lab = cleanup.use(await Lab.create());
    server = cleanup.use(await VpnServer.start(lab));
    const profile = join(lab.directory, 'alice.toml');
    alice = cleanup.use(await VpnClient.prepare(lab, lab.client(1), profile));
  });
  afterAll(async () => {
    await cleanup[Symbol.asyncDispose]();
  });

  /** `masque-vpn admin ARGS --json`, which has to succeed. */
  async function admin<Schema extends z.ZodType>(
    schema: Schema,
    ...args: readonly string[]
  ): Promise<z.output<Schema>> {
    const { code, stdout, stderr } = await server.admin(...args, '--json');
    expect({ code, stderr }, args.join(' ')).toEqual({ code: 0, stderr: '' });
    return schema.parse(JSON.parse(stdout));
  }

  /** `masque-vpn enroll -` on the machine of the client. */
  async function enroll(out: string): Promise<Finished> {
    const args = [masqueVpn, 'enroll', '-', '--json', '--out', out];
    return alice.machine.namespace.run({ program: process.execPath, args }, { input: `${link}\n` });
  }

  async function pings(): Promise<number> {
    return (await ping(alice.machine.namespace, lab.host.ipv4)).received;
  }

  /** Why sessions of alice ended, or were refused, the newest first. */
  async function history(state: 'ended' | 'refused'): Promise<readonly (string | null)[]> {
    const path = `/api/v1/sessions/history?client=alice&state=${state}`;
    return PastSessionListModel.parse(await owner.api('GET', path)).items.map(({ cause }) => cause);
  }

  it('the link that the server leaves at its first start makes one owner, once', async () => {
    const secret = await firstOwnerSecret(server);
    owner = await Administrator.setUp(server, 'olga', secret);
    const { kind, name } = PrincipalModel.parse(await owner.api('GET', '/api/v1/me'));
    expect({ kind, name }).toEqual({ kind: 'administrator', name: 'olga' });
    await expect(Administrator.setUp(server, 'oscar', secret)).rejects.toThrow('LOGIN_LINK_INVALID');
  });

  it('a link makes one machine a client, once; what it was used for shows', async () => {
    await owner.api('POST', '/api/v1/clients', { name: 'alice' });
    const enrolment = await admin(CreatedEnrolmentModel, 'enroll', 'create', 'alice');
    link = enrolment.link;
    expect(await enroll(alice.profile)).toMatchObject({ code: 0, stderr: '' });
    const again = await enroll(join(lab.directory, 'again.toml'));
    expect(again.code).not.toBe(0);
    expect(again.stdout + again.stderr).toContain('ENROLMENT_');
    expect(again.stdout + again.stderr).not.toContain(link.split('#')[1]);
  });

  it('connects, and traffic flows', async () => {
    alice.launch();
    await alice.up();
    expect(await pings()).toBe(3);
    const moved = await new Traffic().tcp(alice.machine, lab.host, lab.host.ipv4, 'down', 300);
    expect(moved.checksumOk).toBe(true);
    expect(ClientModel.parse(await owner.api('GET', '/api/v1/clients/alice'))).toMatchObject({
      openSessions: 1,
    });
  });

  it('is told at once what DNS an administrator set, and its session goes on', async () => {
    const { packetsUp, sinceMs } = await alice.status();
    const set = async (...flags: readonly string[]): Promise<void> => {
      expect(await server.admin('client', 'set', 'alice', ...flags)).toMatchObject({ code: 0 });
    };
    const told = async (nameservers: readonly string[], searchDomains: readonly string[]): Promise<void> => {
      await eventually('the client to be told', async () => {
        const [dns] = (await alice.status()).dns;
        expect(dns?.nameservers.flatMap(({ addresses }) => addresses) ?? []).toEqual(nameservers);
        expect(dns?.searchDomains ?? []).toEqual(searchDomains);
        return true;
      });
    };
    await set('--dns', `${lab.host.ipv4},${lab.host.ipv6}`, '--search-domains', 'corp.example');
    await told([lab.host.ipv4, lab.host.ipv6], ['corp.example']);
    await set('--dns', lab.host.ipv4);
    await told([lab.host.ipv4], []);
    const shown = await alice.machine.namespace.run({
      program: process.execPath,
      args: [masqueVpn, 'status', '--runtime-dir', join(alice.directory, 'run')],
    });
    expect(shown.stdout).toMatch(new RegExp(`^ +DNS +${lab.host.ipv4}$`, 'm'));
    expect(shown.stdout).toContain('does not change the resolver of this machine');
    await set('--dns', 'inherit');
    await told([], []);
    expect(await pings()).toBe(3);
    const after = await alice.status();
    expect(after.sinceMs).toBe(sinceMs);
    expect(after.packetsUp).toBeGreaterThan(packetsUp);
  });

  it('a refused flow shows with the rule that refused it, and passes once the rule is gone', async () => {
    const rule = await admin(
      ChangedRuleModel,
      ...['rule', 'add', 'deny', '--from', 'client:alice', '--to', '203.0.113.0/24', '--first'],
    );
    expect(await pings()).toBe(0);
    const seen = await eventually('the refused flow', async () => {
      const { items } = await admin(
        FlowListModel.partial(),
        'flow',
        'list',
        '--refused',
        '--client',
        'alice',
      );
      return items?.find(({ ruleNumber }) => ruleNumber === rule.number);
    });
    expect(seen).toMatchObject({ remoteAddress: lab.host.ipv4, verdict: 'refused', ruleId: rule.id });
    const { items } = FlowListModel.parse(
      await owner.api('GET', '/api/v1/flows?verdict=refused&client=alice'),
    );
    expect(items.map(({ ruleId }) => ruleId)).toContain(rule.id);

    const packet = ['--from', 'alice', '--to', lab.host.ipv4, '--proto', 'icmp'];
    const check = await server.admin('rule', 'check', ...packet, '--json');
    expect(check.code).toBe(3);
    expect(ExplanationModel.parse(JSON.parse(check.stdout))).toMatchObject({
      ...{ passes: false, reason: 'RULE_DENIES', rule: { id: rule.id } },
    });
    const told = await server.admin('rule', 'check', ...packet);
    expect(told.stdout).toContain(`rule #${rule.number} decides`);

    expect(await server.admin('rule', 'delete', String(rule.number), '--yes')).toMatchObject({ code: 0 });
    expect(await pings()).toBe(3);
    expect(await server.admin('rule', 'check', ...packet)).toMatchObject({ code: 0 });
  });

  it('a certificate near its end is renewed without a break in the session', async () => {
    await alice.process.end();
    const profile = await readProfile(alice.profile);
    if (!profile.ok) throw new Error(profile.error.message);
    const { certificatePem: certificate, privateKeyPem: privateKey } = await issue(
      await authorityOf(server.stateDirectory),
      'alice',
      short,
    );
    const pem = join(lab.directory, 'short.pem');
    await writeFile(pem, certificate);
    expect(await server.admin('certificate', 'import', 'alice', pem)).toMatchObject({ code: 0, stderr: '' });
    await writeFile(alice.profile, formatProfile({ ...profile.value, certificate, privateKey }));

    alice.launch();
    await alice.up();
    const [session] = await server.sessions();
    await eventually(
      'a new certificate',
      async () => {
        const { expiresAtMs, renewalError } = (await alice.status()).certificate;
        if (renewalError !== null) throw new Error(renewalError.message);
        return expiresAtMs - Date.now() > monthMs;
      },
      40_000,
    );
    expect(await pings()).toBe(3);
    expect((await server.sessions()).map(({ id }) => id)).toEqual([session?.id]);
    const next = await readProfile(alice.profile);
    expect(next.ok && next.value.certificate).not.toBe(certificate);
  });

  it('a revoked certificate ends the session, and the client knows why it does not come back', async () => {
    const { items = [] } = await admin(
      CertificateListModel.partial(),
      ...['certificate', 'list', '--client', 'alice', '--usable'],
    );
    expect(items.map(({ origin }) => origin).toSorted()).toEqual(['imported', 'issued', 'issued']);
    for (const { sha256 } of items) {
      const revoked = await server.admin('certificate', 'revoke', sha256, '--yes', '--reason', 'lost laptop');
      expect(revoked).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await server.sessions()).toEqual([]);
    expect(await pings()).toBe(0);
    const { state, lastError } = await eventually('the refusal', async () => {
      const status = await alice.status();
      return status.lastError?.code.startsWith('SERVER_REFUSED') === true && status;
    });
    expect(state).not.toBe('up');
    expect(lastError?.message).toMatch(/revoked/);
    const told = await alice.machine.namespace.run({
      program: process.execPath,
      args: [masqueVpn, 'status', '--runtime-dir', join(alice.directory, 'run')],
    });
    expect(told.stdout).toContain('revoked');

    // Between two revocations it may have come back with the certificate that was still good.
    const ended = await history('ended');
    // The client's own end; the end of its connection may overtake that of its stream.
    expect(ended.at(-1)).toMatch(/^(peerFinished|connectionClosed)$/);
    expect([...new Set(ended.slice(0, -1))]).toEqual(['CERTIFICATE_REVOKED']);
    expect(await history('refused')).toContain('CERTIFICATE_REVOKED');
  });

  it('the audit log has every step in order, with who did it', async () => {
    const { items } = AuditListModel.parse(await owner.api('GET', '/api/v1/audit?limit=100'));
    const steps = items.toReversed().map(({ actor, action, target }) => {
      return `${actor.kind} ${actor.name}: ${action} ${target.kind}`;
    });
    expect(steps).toEqual([
      'system server: group.create group',
      'system server: authority.create authority',
      'administrator olga: administrator.set_password administrator',
      'administrator olga: login.accept administrator',
      'administrator olga: client.create client',
      'local root: enrolment.create client',
      'client alice: enrolment.redeem client',
      'local root: client.update client',
      'local root: client.update client',
      'local root: client.update client',
      'local root: rule.create rule',
      'local root: rule.delete rule',
      'local root: certificate.import client',
      'client alice: certificate.renew client',
      'local root: certificate.revoke client',
      'local root: certificate.revoke client',
      'local root: certificate.revoke client',
    ]);
    const shown = await server.admin('audit', '--target', 'alice');
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toContain('enrolment.redeem');
    expect(JSON.stringify(items)).not.toContain(link.split('#')[1]);
  });
});
