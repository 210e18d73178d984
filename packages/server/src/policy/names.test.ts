import { ManualClock } from '@masque-vpn/engine/fake';
import { fail, ok, parseAddress, type IpAddress } from '@masque-vpn/protocol';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { ResolveName } from '../admission/nameResolution.js';
import { RuleNames } from './names.js';

/** A resolver that answers what a test says; `null` is a name that does not resolve. */
class Resolver {
  readonly clock = new ManualClock();
  readonly answers = new Map<string, readonly string[] | null>();
  asked = 0;
  changes = 0;
  readonly names: RuleNames;

  constructor() {
    const resolve: ResolveName = (name) => {
      this.asked += 1;
      const found = this.answers.get(name) ?? null;
      return Promise.resolve(found === null ? fail('TARGET_UNRESOLVED') : ok(found.map(addressOf)));
    };
    this.names = new RuleNames({
      resolve,
      clock: this.clock,
      logger: pino({ level: 'silent' }),
      onChange: () => (this.changes += 1),
    });
  }

  /** Time passes, and the questions that are due are asked and answered. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 30_000) {
      this.clock.advance(Math.min(30_000, ms - passed));
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
  }
}

function addressOf(text: string): IpAddress {
  const address = parseAddress(text);
  if (!address.ok) throw new Error(address.error.message);
  return address.value;
}

const host = 'files.example.org';

test('a name is asked for at once, and again every 30 seconds', async () => {
  const resolver = new Resolver();
  resolver.answers.set(host, ['192.0.2.9', '2001:db8::9', '192.0.2.1']);
  await resolver.names.use([host, 'FILES.example.org']);
  expect(resolver.names.addressesOf('Files.Example.org')).toEqual([
    '192.0.2.1/32',
    '192.0.2.9/32',
    '2001:db8::9/128',
  ]);
  expect([resolver.asked, resolver.changes]).toEqual([1, 1]);
  await resolver.pass(90_000);
  expect([resolver.asked, resolver.changes]).toEqual([4, 1]);
});

test('addresses of earlier answers count for ten minutes more', async () => {
  const resolver = new Resolver();
  resolver.answers.set(host, ['192.0.2.1']);
  await resolver.names.use([host]);
  resolver.answers.set(host, ['192.0.2.2']);
  await resolver.pass(60_000);
  expect(resolver.names.addressesOf(host)).toEqual(['192.0.2.1/32', '192.0.2.2/32']);
  await resolver.pass(9 * 60_000);
  expect(resolver.names.addressesOf(host)).toEqual(['192.0.2.2/32']);
});

test('when a name no longer resolves its last answer stays, however long that takes', async () => {
  const resolver = new Resolver();
  resolver.answers.set(host, ['192.0.2.1']);
  await resolver.names.use([host, 'unknown.example.org']);
  expect(resolver.names.problems).toEqual([{ name: 'unknown.example.org', lastAnswer: false }]);
  resolver.answers.set(host, null);
  await resolver.pass(3_600_000);
  expect(resolver.names.addressesOf(host)).toEqual(['192.0.2.1/32']);
  expect(resolver.names.problems).toContainEqual({ name: host, lastAnswer: true });
  resolver.answers.set(host, ['192.0.2.2']);
  await resolver.pass(30_000);
  expect(resolver.names.addressesOf(host)).toEqual(['192.0.2.2/32']);
});

test('a name that answers with more and more addresses does not fill the memory', async () => {
  const resolver = new Resolver();
  for (let round = 0; round < 10; round += 1) {
    resolver.answers.set(
      host,
      Array.from({ length: 20 }, (_, index) => `10.0.${round}.${index}`),
    );
    if (round === 0) await resolver.names.use([host]);
    else await resolver.pass(30_000);
  }
  const addresses = resolver.names.addressesOf(host);
  expect(addresses).toHaveLength(64);
  expect(addresses).toContain('10.0.9.19/32');
});

test('a name that points at the server itself or nowhere opens nothing', async () => {
  const resolver = new Resolver();
  resolver.answers.set(host, ['127.0.0.1', '::1', '0.0.0.0', '169.254.1.1']);
  await resolver.names.use([host]);
  expect(resolver.names.addressesOf(host)).toEqual([]);
});

test('what no rule uses any more is forgotten and not asked for', async () => {
  const resolver = new Resolver();
  resolver.answers.set(host, ['192.0.2.1']);
  await resolver.names.use([host]);
  await resolver.names.use([]);
  expect(resolver.names.addressesOf(host)).toEqual([]);
  await resolver.pass(120_000);
  expect(resolver.asked).toBe(1);
});
