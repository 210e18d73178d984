import { describe, expect, it } from 'vitest';
import type { AccessRule } from '../engine.js';
import {
  access,
  allowed,
  anything,
  fromTwo,
  JudgedSessions,
  judgedForwarding,
  labels,
  rule,
} from './judgedSessions.js';
import { echo, protocols, tcp, tcpFlags, udp } from '../testing/packets.js';
import { codeOf, value, type Stage } from './party.js';

/** Which flows the rules let begin. */
export function describeRules(stage: () => Stage): void {
  describe('rules', () => {
    it('judge nothing without access, and deny everything that none allows', async () => {
      await using sessions = await JudgedSessions.start(stage(), []);
      const free = await sessions.open(2, { access: null });
      const judged = await sessions.open(3);
      expect(await sessions.send(free, fromTwo())).toBe(allowed);
      expect(await sessions.send(judged, { ...fromTwo(), source: '10.0.0.3' })).toBe('accessDenied');
      const six = { source: '2001:db8::3', destination: '2001:db8:1::1', upper: udp(1, 2), protocol: 17 };
      expect(await sessions.send(judged, six)).toBe('accessDenied');
    });

    it('decide in order: the first that matches', async () => {
      await using sessions = await JudgedSessions.start(stage(), [
        rule({ id: 1, action: 'deny', remote: { kind: 'prefixes', prefixes: ['198.51.100.0/28'] } }),
        rule({
          id: 2,
          remote: { kind: 'prefixes', prefixes: ['198.51.100.0/24', '2001:db8:1::/48'] },
          protocol: protocols.udp,
          ports: [
            [53, 53],
            [1_000, 2_000],
          ],
        }),
        rule({ id: 3, opened: 'towardsPeer' }),
        rule({ id: 4, protocol: protocols.tcp, ports: [[443, 443]] }),
      ]);
      const two = await sessions.open(2);
      const fate = (destination: string, upper: Uint8Array, protocol: number): Promise<string> =>
        sessions.send(two, { ...fromTwo(destination, upper, protocol) });
      expect(await fate('198.51.100.7', udp(1, 53), 17)).toBe('accessDenied');
      expect(await fate('198.51.100.16', udp(1, 53), 17)).toBe(allowed);
      expect(await fate('198.51.100.16', udp(1, 54), 17)).toBe('accessDenied');
      expect(await fate('198.51.100.16', udp(1, 2_000), 17)).toBe(allowed);
      expect(await fate('198.51.100.16', tcp(1, 53, tcpFlags.syn), 6)).toBe('accessDenied');
      expect(await fate('192.0.2.1', tcp(1, 443, tcpFlags.syn), 6)).toBe(allowed);
      expect(await fate('192.0.2.1', udp(443, 4), 17)).toBe('accessDenied');
      expect(await fate('198.51.100.16', echo(1), 1)).toBe('accessDenied');
      const six = { source: '2001:db8::2', destination: '2001:db8:1::1', upper: udp(1, 1_500), protocol: 17 };
      expect(await sessions.send(two, six)).toBe(allowed);
    });

    it('are replaced, swapped and dropped under flows that exist, which are judged again', async () => {
      await using sessions = await JudgedSessions.start(stage(), anything);
      const two = await sessions.open(2);
      expect(await sessions.send(two, fromTwo())).toBe(allowed);
      sessions.setRules([]);
      expect(await sessions.send(two, fromTwo())).toBe('accessDenied');
      sessions.setRules(anything);
      expect(await sessions.send(two, fromTwo())).toBe(allowed);
      sessions.setRules([], 2);
      const { sessionId } = two.server;
      value(sessions.server.update(sessionId, judgedForwarding(2, { access: access({ rules: 2 }) })));
      expect(await sessions.send(two, fromTwo())).toBe('accessDenied');
      value(sessions.server.update(sessionId, judgedForwarding(2)));
      expect(await sessions.send(two, fromTwo())).toBe(allowed);
      sessions.server.dropRules(1);
      expect(await sessions.send(two, fromTwo())).toBe('accessDenied');
      sessions.setRules(anything);
      expect(await sessions.send(two, fromTwo())).toBe(allowed);
      value(sessions.server.update(sessionId, judgedForwarding(2, { access: null })));
      sessions.setRules([]);
      expect(await sessions.send(two, fromTwo())).toBe(allowed);
    });

    it('have to make sense, and to be there', async () => {
      await using sessions = await JudgedSessions.start(stage(), anything);
      const bad: readonly Partial<AccessRule>[] = [
        { id: -1 },
        { id: 2 ** 32 },
        { id: 0.5 },
        { remote: { kind: 'prefixes', prefixes: ['10.0.0.1/8'] } },
        { remote: labels(-1) },
        { protocol: 256 },
        { ports: [[2, 1]] },
        { ports: [[0, 65_536]] },
      ];
      for (const part of bad)
        expect(codeOf(sessions.server.setRules(1, { rules: [rule({ id: 1, ...part })] }))).toBe(invalid);
      expect(codeOf(sessions.server.setRules(-1, { rules: [] }))).toBe(invalid);
      for (const bytesPerSecond of [0, -1, 0.5, Number.NaN])
        expect(codeOf(sessions.server.setMeter(1, { bytesPerSecond, burstBytes: 1 }))).toBe(invalid);
      const two = await sessions.open(2);
      const meters = { fromPeer: [], toPeer: [7] };
      for (const part of [{ rules: 7 }, { meters }]) {
        const forwarding = judgedForwarding(2, { access: access(part) });
        expect(codeOf(sessions.server.update(two.server.sessionId, forwarding))).toBe(invalid);
      }
      const wrongEnd = { ...judgedForwarding(2), role: 'client' as const };
      expect(codeOf(sessions.server.update(two.server.sessionId, wrongEnd))).toBe(invalid);
      expect(await sessions.send(two, fromTwo())).toBe(allowed);
      await sessions.server.close();
      expect(codeOf(sessions.server.setRules(1, { rules: [] }))).toBe('ENGINE_CLOSED');
      expect(codeOf(sessions.server.setMeter(1, { bytesPerSecond: 1, burstBytes: 1 }))).toBe('ENGINE_CLOSED');
      sessions.server.dropRules(1);
      sessions.server.dropMeter(1);
    });
  });
}

const invalid = 'ENGINE_INVALID_ARGUMENT';
