import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../authority.js';
import { parsePrivateKey } from '../keys.js';
import { subjectNames } from '../subjectNames.js';
import { PublicKey } from '../x509.js';
import { acmeFailure, type AcmeResult } from './acmeError.js';
import { AcmeRenewal, type AcmeRenewalOptions } from './acmeRenewal.js';
import { backoffMs } from './attempts.js';
import type { CertificateIssuer, CertificateOrder } from './certificateOrder.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Issues at once for 90 days, or fails as it is told to. */
class FakeIssuer implements CertificateIssuer {
  readonly orders: CertificateOrder[] = [];
  failure: AcmeResult<string> | null = null;
  /** Instead of those that were asked for. */
  names: readonly string[] | null = null;

  constructor(
    private readonly authority: CertificateAuthority,
    private readonly now: () => number,
  ) {}

  async order(order: CertificateOrder): Promise<AcmeResult<string>> {
    this.orders.push(order);
    if (this.failure !== null) return this.failure;
    const publicKey = createPublicKey(order.keyPem).export({ type: 'spki', format: 'der' });
    const { pem } = await this.authority.issueServerCertificate({
      publicKey: new PublicKey(publicKey),
      names: subjectNames(this.names ?? order.names),
      now: this.now(),
      validityMs: 90 * day,
    });
    return { ok: true, value: pem + this.authority.certificatePem };
  }
}

describe('a certificate by ACME', () => {
  let directory: string;
  let now: number;
  let issuer: FakeIssuer;
  let isOpen: boolean;
  let swaps: number;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'masque-vpn-acme-'));
    now = Date.now();
    issuer = new FakeIssuer(await CertificateAuthority.make(now), () => now);
    isOpen = true;
    swaps = 0;
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** As after a start of the server. */
  function renewal(change: Partial<AcmeRenewalOptions> = {}): AcmeRenewal {
    return new AcmeRenewal({
      issuer,
      names: ['vpn.example.org', 'www.example.org'],
      directory: 'https://ca.example/directory',
      publicHost: 'vpn.example.org',
      stateDirectory: directory,
      stage: { present: () => ({ [Symbol.dispose]: () => undefined }) },
      isOpen: () => isOpen,
      credential: {
        refresh: () => {
          swaps++;
          return Promise.resolve({ ok: true, value: true });
        },
      },
      clock: { now: () => now },
      logger: pino({ level: 'silent' }),
      ...change,
    });
  }
  const file = (name: string) => join(directory, name);

  it('is ordered when there is none, kept where only its owner reads it, and put to use', async () => {
    const acme = renewal();
    await acme.attend();
    expect(issuer.orders).toMatchObject([{ names: ['vpn.example.org', 'www.example.org'] }]);
    expect(swaps).toBe(1);
    expect(acme.problem).toBeNull();
    for (const name of ['acme.pem', 'acme-account.key', 'acme.json']) {
      expect(statSync(file(name)).mode & 0o777, name).toBe(0o600);
    }
    const kept = readFileSync(file('acme.pem'), 'utf8');
    expect(kept).toContain(issuer.orders[0]?.keyPem);
    expect(kept.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  it('is not ordered again before two thirds of its life, by a restart neither', async () => {
    await renewal().attend();
    now += 60 * day - 2 * hour;
    await renewal().attend();
    expect(issuer.orders).toHaveLength(1);
    now += 4 * hour;
    await renewal().attend();
    expect(issuer.orders).toHaveLength(2);
    expect(swaps).toBe(2);
  });

  it('has a new key each time, and the account the same', async () => {
    await renewal().attend();
    now += 61 * day;
    await renewal().attend();
    const [first, second] = issuer.orders;
    expect(first?.keyPem).not.toBe(second?.keyPem);
    expect(first?.accountKeyPem).toBe(second?.accountKeyPem);
  });

  it('is ordered anew for other names and at another authority, without waiting', async () => {
    await renewal().attend();
    issuer.failure = acmeFailure('ACME_ORDER_REFUSED', 'no');
    await renewal({ names: ['vpn.example.org'] }).attend();
    await renewal({ names: ['vpn.example.org'], directory: 'https://other.example/' }).attend();
    expect(issuer.orders).toHaveLength(3);
  });

  it('is tried again less and less often, over restarts as well', async () => {
    issuer.failure = acmeFailure('ACME_CHALLENGE_FAILED', 'connection refused');
    const times: number[] = [];
    const start = now;
    for (; now < start + 3 * day; now += 10 * minute) {
      const before = issuer.orders.length;
      const acme = renewal();
      await acme.attend();
      if (issuer.orders.length > before) times.push((now - start) / minute);
    }
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 640, 720, 720, 720, 720]);
  });

  it('says why it failed, and keeps what there is', async () => {
    await renewal().attend();
    const kept = readFileSync(file('acme.pem'), 'utf8');
    now += 61 * day;
    issuer.failure = acmeFailure('ACME_CHALLENGE_FAILED', 'connection refused');
    const acme = renewal();
    await acme.attend();
    expect(acme.problem).toEqual({ code: 'ACME_CHALLENGE_FAILED', message: 'connection refused' });
    expect(readFileSync(file('acme.pem'), 'utf8')).toBe(kept);
    expect(swaps).toBe(1);
    // It is not time yet: what is wrong stays known.
    await acme.attend();
    expect(acme.problem?.code).toBe('ACME_CHALLENGE_FAILED');
    issuer.failure = null;
    now += backoffMs(1);
    await acme.attend();
    expect(acme.problem).toBeNull();
    expect(swaps).toBe(2);
  });

  it('remembers an attempt before it asks, so that a crash does not repeat it at once', async () => {
    const crash = new Error('killed');
    const crashing = { order: () => Promise.reject(crash) };
    await expect(renewal({ issuer: crashing }).attend()).rejects.toBe(crash);
    await renewal().attend();
    expect(issuer.orders).toHaveLength(0);
  });

  it('is not put off by a clock that was set back, for longer than a failure does', async () => {
    issuer.failure = acmeFailure('ACME_CHALLENGE_FAILED', 'no');
    await renewal().attend();
    now -= 30 * day;
    await renewal().attend();
    expect(issuer.orders).toHaveLength(2);
  });

  it('is not asked for while nobody could answer the challenge', async () => {
    isOpen = false;
    const acme = renewal();
    await acme.attend();
    expect(acme.problem?.code).toBe('ACME_PORT_CLOSED');
    expect(issuer.orders).toHaveLength(0);
    isOpen = true;
    await acme.attend();
    expect(issuer.orders).toHaveLength(1);
  });

  it('is refused when it is not for the name that clients are told', async () => {
    issuer.names = ['other.example.org'];
    const acme = renewal();
    await acme.attend();
    expect(acme.problem?.code).toBe('ACME_CERTIFICATE_UNUSABLE');
    expect(() => statSync(file('acme.pem'))).toThrow();
    expect(swaps).toBe(0);
  });

  it('is not ordered where nothing can be kept', async () => {
    const acme = renewal({ stateDirectory: file('missing') });
    await acme.attend();
    expect(acme.problem?.code).toBe('ACME_UNWRITABLE');
    expect(issuer.orders).toHaveLength(0);
  });

  it('is ordered once by two who look at the same time', async () => {
    const acme = renewal();
    await Promise.all([acme.attend(), acme.attend()]);
    expect(issuer.orders).toHaveLength(1);
  });

  it('ends an order when the server stops', async () => {
    const acme = renewal();
    await acme.attend();
    expect(issuer.orders[0]?.signal.aborted).toBe(false);
    acme[Symbol.dispose]();
    expect(issuer.orders[0]?.signal.aborted).toBe(true);
  });

  it('is ordered anew when what is remembered or kept is damaged', async () => {
    await renewal().attend();
    writeFileSync(file('acme.pem'), 'half a fi');
    await renewal().attend();
    expect(issuer.orders).toHaveLength(2);
    writeFileSync(file('acme.json'), '{');
    writeFileSync(file('acme-account.key'), '');
    await renewal().attend();
    expect(issuer.orders).toHaveLength(3);
    expect(parsePrivateKey(issuer.orders[2]?.accountKeyPem ?? '')).not.toBeNull();
  });
});
