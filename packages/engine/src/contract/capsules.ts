import { describe, expect, it } from 'vitest';
import type { Capsule } from '../engine.js';
import {
  capsule,
  openSession,
  plain,
  takeCapsules,
  type ConnectedPair,
  type OpenSession,
  type Stage,
} from './party.js';

/** Around the borders of the varint lengths, and up to what the default limit takes. */
const sizes = [0, 1, 63, 64, 1_200, 16_383, 16_384, 60_000];
const excessiveLoad = 0x0107;

/** Capsules both ways. */
export function describeCapsules(stage: () => Stage): void {
  describe('capsules', () => {
    it.each(sizes)('carries a capsule of %d bytes both ways', async (size) => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      await roundTrip(pair, session, [capsule(size, 3n)]);
    });

    it('carries DNS_ASSIGN (draft-ietf-masque-connect-ip-dns-06)', async () => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      await roundTrip(pair, session, [capsule(40, 0x1ace_79ecn), capsule(0, 0x1ace_79ecn)]);
    });

    it('keeps the order of many capsules of all sizes', async () => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      const many = Array.from({ length: 300 }, (_, index) =>
        capsule(
          ((index * 37) % 500) + Math.floor((sizes[index % sizes.length] ?? 0) / 8),
          BigInt((index % 3) + 1),
        ),
      );
      await roundTrip(pair, session, many);
    });

    it('does not show unknown capsules, GREASE included (CIP-602)', async () => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      const unknown = [capsule(20, 0x17n), capsule(0, 0x29n * 7n + 0x17n), capsule(80_000, 0x3fff_ffffn)];
      pair.client.engine.sendCapsules(session.client.sessionId, unknown);
      await roundTrip(pair, session, [capsule(4)]);
      expect(
        pair.server.events.all.flatMap((event) => (event.type === 'capsules' ? event.capsules : [])),
      ).toHaveLength(1);
    });

    it('takes the value at the time of the call', async () => {
      await using pair = await stage().connect();
      const session = await openSession(pair);
      const value = Uint8Array.of(1, 2, 3);
      pair.client.engine.sendCapsules(session.client.sessionId, [{ type: 1n, value }]);
      value.fill(9);
      expect(plain(await takeCapsules(pair.server, session.server.sessionId, 1))).toEqual([
        { type: 1n, hex: '010203' },
      ]);
    });

    it('ends only the session whose capsule is too large (CIP-608)', async () => {
      await using pair = await stage().connect();
      const doomed = await openSession(pair);
      const other = await openSession(pair);
      pair.client.engine.sendCapsules(doomed.client.sessionId, [capsule(65_537, 3n)]);
      await expectExcessive(pair, doomed);
      await roundTrip(pair, other, [capsule(65_536, 3n)]);
    });

    it('ends only the session that floods (CIP-610)', async () => {
      const { peerLimits } = stage().listenerOptions();
      const limits = { ...peerLimits, capsulesPerSecond: 1, capsuleBurst: 10 };
      await using pair = await stage().connect({ peerLimits: limits });
      const doomed = await openSession(pair);
      const other = await openSession(pair);
      const flood = Array.from({ length: 2_000 }, () => capsule(3));
      pair.client.engine.sendCapsules(doomed.client.sessionId, flood);
      await expectExcessive(pair, doomed);
      await roundTrip(pair, other, [capsule(3)]);
    });

    it('bounds what a server can send its client, too', async () => {
      const { peerLimits } = stage().listenerOptions();
      await using pair = await stage().connect({}, { peerLimits: { ...peerLimits, capsuleBytes: 100 } });
      const session = await openSession(pair);
      pair.server.engine.sendCapsules(session.server.sessionId, [capsule(101)]);
      expect(await pair.client.events.next('sessionClosed')).toMatchObject({
        sessionId: session.client.sessionId,
        cause: 'peerExcessive',
        code: excessiveLoad,
      });
    });
  });
}

async function roundTrip(
  pair: ConnectedPair,
  session: OpenSession,
  capsules: readonly Capsule[],
): Promise<void> {
  pair.client.engine.sendCapsules(session.client.sessionId, capsules);
  const there = await takeCapsules(pair.server, session.server.sessionId, capsules.length);
  expect(plain(there)).toEqual(plain(capsules));
  pair.server.engine.sendCapsules(session.server.sessionId, capsules);
  const back = await takeCapsules(pair.client, session.client.sessionId, capsules.length);
  expect(plain(back)).toEqual(plain(capsules));
}

async function expectExcessive(pair: ConnectedPair, session: OpenSession): Promise<void> {
  expect(await pair.server.events.next('sessionClosed')).toMatchObject({
    sessionId: session.server.sessionId,
    cause: 'peerExcessive',
    code: excessiveLoad,
  });
  expect(await pair.client.events.next('sessionClosed')).toMatchObject({
    sessionId: session.client.sessionId,
    cause: 'peerReset',
    code: excessiveLoad,
  });
}
