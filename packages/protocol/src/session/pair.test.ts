/** Both ends against each other, over real capsule bytes, without a socket or a clock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Capsule, CapsuleType } from '../capsule.js';
import { CapsuleReader, encodeCapsule } from '../capsuleStream.js';
import { formatPrefix, type Prefix } from '../prefix.js';
import { routesEqual } from '../route.js';
import { net, route } from '../testing/parse.js';
import { ClientSession, type ClientStep, type ClientTunnel } from './client.js';
import { ProxySession, type ProxySessionOptions } from './proxy.js';

/** A proxy and a client with a perfect stream in each direction. */
class Pair {
  readonly proxy: ProxySession;
  readonly client = new ClientSession();
  tunnel: ClientTunnel = { addresses: [], routes: [], prefixes: [] };
  readonly #toClient = new CapsuleReader();
  readonly #toProxy = new CapsuleReader();

  constructor(options: ProxySessionOptions) {
    this.proxy = new ProxySession(options);
  }

  /** The 200 and what goes with it. */
  open(nowMs: number): void {
    this.client.opened(nowMs);
    this.toClient(this.proxy.open().capsules, nowMs);
  }

  toClient(capsules: readonly Capsule[], nowMs: number): void {
    for (const capsule of capsules) {
      this.take(this.client.receive(this.#toClient.push(encodeCapsule(capsule)).capsules, nowMs), nowMs);
    }
  }

  take(step: ClientStep, nowMs: number): void {
    expect(step.abort).toBeNull();
    if (step.tunnel !== null) this.tunnel = step.tunnel;
    for (const capsule of step.capsules) {
      const answer = this.proxy.receive(this.#toProxy.push(encodeCapsule(capsule)).capsules);
      expect(answer.abort).toBeNull();
      this.toClient(answer.capsules, nowMs);
    }
  }

  get addresses(): string[] {
    return this.tunnel.addresses.map(formatPrefix);
  }
}

const ROUTES = [route('0.0.0.0/0'), route('::/0')];

describe('proxy and client', () => {
  it('come up on the unprompted assignment, and both hold the same', () => {
    const pair = new Pair({ assigned: [net('10.0.0.2'), net('fd00::2')], routes: ROUTES });
    pair.open(0);
    expect(pair.client.state).toBe('up');
    expect(pair.addresses).toEqual(['10.0.0.2/32', 'fd00::2/128']);
    expect(routesEqual(pair.tunnel.routes, pair.proxy.forwarding.routes)).toBe(true);
  });

  it('come up on request if the proxy assigns only then', () => {
    const grant = ({ prefix }: { readonly prefix: Prefix }) =>
      prefix.address.family === 4 ? net('10.0.0.2') : null;
    const pair = new Pair({ assigned: [], routes: ROUTES, grant });
    pair.open(0);
    expect(pair.client.state).toBe('awaitingAddresses');
    pair.take(pair.client.handleTimeout(500), 500);
    expect(pair.client.state).toBe('up');
    expect(pair.addresses).toEqual(['10.0.0.2/32']);
    expect(pair.proxy.forwarding.assigned.map(formatPrefix)).toEqual(['10.0.0.2/32']);
  });

  it('agree after any sequence of changes (CIP-704, CIP-804, CIP-807)', () => {
    const address = fc.constantFrom('10.0.0.2', '10.0.0.3', 'fd00::2', 'fd00::3').map(net);
    const own = fc.record({
      range: fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '192.0.2.0-192.0.2.9', '::/0', 'fd00::/8'),
      protocol: fc.constantFrom(0, 6, 17),
    });
    const change = fc.oneof(
      fc.array(address, { minLength: 1, maxLength: 4 }).map((assigned) => ({ assigned })),
      fc
        .array(own, { maxLength: 5 })
        .map((routes) => ({ routes: routes.map(({ range, protocol }) => route(range, protocol)) })),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const pair = new Pair({ assigned: [net('10.0.0.2')], routes: ROUTES });
        pair.open(0);
        for (const one of changes) {
          const step =
            'assigned' in one
              ? pair.proxy.updateAddresses(one.assigned)
              : pair.proxy.updateRoutes(one.routes);
          pair.toClient(step.capsules, 0);
        }
        expect(pair.addresses.toSorted()).toEqual(
          pair.proxy.forwarding.assigned.map(formatPrefix).toSorted(),
        );
        expect(routesEqual(pair.tunnel.routes, pair.proxy.forwarding.routes)).toBe(true);
      }),
    );
  });

  it('never throw on capsules of random bytes', () => {
    const capsule = fc.record({
      type: fc.oneof(fc.bigInt({ min: 0n, max: 4n }), fc.constant(CapsuleType.dnsAssign)),
      value: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(capsule, { maxLength: 6 }), (capsules) => {
        const proxy = new ProxySession({ assigned: [net('10.0.0.2')], routes: ROUTES });
        const client = new ClientSession();
        client.opened(0);
        for (const step of [proxy.receive(capsules), client.receive(capsules, 0)]) {
          if (step.abort !== null) expect([0x10e, 0x107]).toContain(step.abort.httpErrorCode);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
