import { describe, expect, it } from 'vitest';
import type { EngineErrorCode } from '../engine.js';
import {
  access,
  allowed,
  anything,
  fromTwo,
  JudgedSessions,
  judgedForwarding,
  oneToTwo,
} from './judgedSessions.js';
import { udp, type PacketShape } from '../testing/packets.js';
import { codeOf, openSession, proxyForwarding, value, type Stage } from './party.js';

/** Site to site. */
export function describeBehind(stage: () => Stage): void {
  describe('prefixes behind a peer', () => {
    it('are its own: accepted as source, the longest wins', async () => {
      await using sessions = await JudgedSessions.start(stage(), anything);
      const two = await sessions.open(2, { behind: ['192.168.0.0/16'] });
      await sessions.open(3, { behind: ['192.168.7.0/24'] });
      const site = (source: string): PacketShape => ({ ...fromTwo(), source });
      expect(await sessions.send(two, site('192.168.1.1'))).toBe(allowed);
      expect(await sessions.send(two, site('192.168.7.1'))).toBe('spoofedSource');
      expect(await sessions.send(two, site('192.169.0.1'))).toBe('spoofedSource');
    });

    it('are reached by label, as the session itself is', async () => {
      await using sessions = await JudgedSessions.start(stage(), [...oneToTwo, ...anything]);
      const two = await sessions.open(2, { access: access({ labels: [1] }) });
      const three = await sessions.open(3, { behind: ['192.168.7.0/24'], access: access({ labels: [2] }) });
      expect(await sessions.send(two, fromTwo('192.168.7.9'))).toBe('switched');
      const back = { source: '192.168.7.9', destination: '10.0.0.2', upper: udp(53, 4_000), protocol: 17 };
      expect(await sessions.send(three, back)).toBe('switched');
      value(
        sessions.server.update(three.server.sessionId, judgedForwarding(3, { behind: ['192.168.7.0/24'] })),
      );
      expect(await sessions.send(two, fromTwo('192.168.7.9'))).toBe('peerToPeer');
      sessions.server.abort(three.server.sessionId, 0x010c);
      expect(await sessions.send(two, fromTwo('192.168.7.9'))).toBe(allowed);
    });

    it('are one session’s only, until it ends', async () => {
      await using sessions = await JudgedSessions.start(stage(), anything);
      const behind = ['192.168.7.0/24'];
      const two = await sessions.open(2, { behind });
      const three = await sessions.open(3);
      const update = (parts: object): EngineErrorCode | 'ok' =>
        codeOf(sessions.server.update(three.server.sessionId, judgedForwarding(3, parts)));
      expect(update({ behind })).toBe(invalid);
      expect(update({ assigned: behind })).toBe(invalid);
      expect(update({ behind: ['10.0.0.2/32'] })).toBe(invalid);
      expect(update({ behind: ['192.168.7.1/24'] })).toBe(invalid);
      expect(update({ behind: ['192.168.0.0/16'] })).toBe('ok');
      sessions.server.finish(two.server.sessionId);
      expect(update({ behind })).toBe('ok');
      await openSession(sessions.pair, { forwarding: proxyForwarding(2) });
    });
  });
}

const invalid = 'ENGINE_INVALID_ARGUMENT';
