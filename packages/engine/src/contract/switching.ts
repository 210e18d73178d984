import { describe, expect, it } from 'vitest';
import {
  access,
  allowed,
  between,
  JudgedSessions,
  judgedForwarding,
  labels,
  oneToTwo,
  rule,
} from './judgedSessions.js';
import {
  echo,
  ipPacket,
  protocols,
  tcp,
  tcpFlags,
  udp,
  unreachable,
  type PacketShape,
} from '../testing/packets.js';
import { value, type Stage } from './party.js';

/** Packets from one session to another. */
export function describeSwitching(stage: () => Stage): void {
  describe('sessions of one engine', () => {
    it('do not reach each other by rules about hosts, whether somebody is there or not (CIP-1016)', async () => {
      const rules = [
        rule({ id: 1 }),
        rule({ id: 2, remote: { kind: 'prefixes', prefixes: ['10.0.0.0/8'] } }),
        rule({ id: 3, opened: 'towardsPeer' }),
      ];
      await using sessions = await JudgedSessions.start(stage(), rules);
      const two = await sessions.open(2);
      await sessions.open(3);
      expect(await sessions.send(two, between(2, 3))).toBe('peerToPeer');
      expect(await sessions.send(two, between(2, 4))).toBe('peerToPeer');
      expect(await sessions.send(two, between(2, 2))).toBe('peerToPeer');
      expect(await sessions.send(two, between(2, 1))).toBe(allowed);
    });

    it('reach each other when the rules of both say so, and only then', async () => {
      await using sessions = await JudgedSessions.start(stage(), oneToTwo);
      const two = await sessions.open(2, { access: access({ labels: [1] }) });
      const three = await sessions.open(3, { access: access({ labels: [2, 5] }) });
      sessions.setRules([rule({ id: 1, remote: labels(5) })], 2);
      sessions.setRules([rule({ id: 9, action: 'deny', remote: labels(5) })], 3);
      const four = await sessions.open(4, { access: access({ rules: 2, labels: [4] }) });
      const five = await sessions.open(5, { access: access({ rules: 3, labels: [1] }) });
      await sessions.open(6, { access: null });
      expect(await sessions.send(two, between(2, 3))).toBe('switched');
      expect(await sessions.send(two, between(2, 4))).toBe('peerToPeer');
      expect(await sessions.send(two, between(2, 6))).toBe('peerToPeer');
      // Its own rules allow it, those of the other side do not; and the other way round.
      expect(await sessions.send(four, between(4, 3))).toBe('peerToPeer');
      expect(await sessions.send(five, between(5, 3))).toBe('accessDenied');
      expect(await sessions.send(three, between(3, 2, udp(1, 2)))).toBe('peerToPeer');
    });

    it('answer each other, by the flow alone', async () => {
      await using sessions = await JudgedSessions.start(stage(), oneToTwo);
      const two = await sessions.open(2, { access: access({ labels: [1] }) });
      const three = await sessions.open(3, { access: access({ labels: [2] }) });
      expect(await sessions.send(three, between(3, 2, udp(53, 4_000)))).toBe('peerToPeer');
      expect(await sessions.send(two, between(2, 3))).toBe('switched');
      expect(await sessions.send(three, between(3, 2, udp(53, 4_000)))).toBe('switched');
      expect(await sessions.send(three, between(3, 2, udp(53, 4_001)))).toBe('peerToPeer');

      const ping = (id: number): PacketShape => between(3, 2, echo(id, true), protocols.icmp);
      expect(await sessions.send(two, between(2, 3, echo(7), protocols.icmp))).toBe('switched');
      expect(await sessions.send(three, ping(7))).toBe('switched');
      expect(await sessions.send(three, ping(8))).toBe('peerToPeer');

      const segment = (flags: number): PacketShape => between(3, 2, tcp(80, 4_000, flags), protocols.tcp);
      expect(await sessions.send(three, segment(tcpFlags.syn))).toBe('peerToPeer');
      const syn = tcp(4_000, 80, tcpFlags.syn);
      expect(await sessions.send(two, between(2, 3, syn, protocols.tcp))).toBe('switched');
      expect(await sessions.send(three, segment(tcpFlags.syn | tcpFlags.ack))).toBe('switched');
      expect(await sessions.send(three, segment(tcpFlags.ack))).toBe('switched');
      expect(await sessions.send(three, segment(tcpFlags.syn))).toBe('peerToPeer');
      const unreachableAboutFlow = unreachable(ipPacket(between(2, 3)));
      expect(await sessions.send(three, between(3, 2, unreachableAboutFlow, protocols.icmp))).toBe(
        'switched',
      );
    });

    it('are cut off from each other when labels or the other session change', async () => {
      await using sessions = await JudgedSessions.start(stage(), oneToTwo);
      const two = await sessions.open(2, { access: access({ labels: [1] }) });
      const three = await sessions.open(3, { access: access({ labels: [2] }) });
      expect(await sessions.send(two, between(2, 3))).toBe('switched');
      value(sessions.server.update(three.server.sessionId, judgedForwarding(3)));
      expect(await sessions.send(two, between(2, 3))).toBe('peerToPeer');
      const again = judgedForwarding(3, { access: access({ labels: [2] }) });
      value(sessions.server.update(three.server.sessionId, again));
      expect(await sessions.send(two, between(2, 3))).toBe('switched');
      value(sessions.server.update(two.server.sessionId, judgedForwarding(2)));
      expect(await sessions.send(three, between(3, 2, udp(53, 4_000)))).toBe('peerToPeer');
      sessions.server.abort(three.server.sessionId, 0x010c);
      expect(await sessions.send(two, between(2, 3))).toBe('peerToPeer');
    });

    it('are one hop apart, and counted at both ends', async () => {
      await using sessions = await JudgedSessions.start(stage(), oneToTwo);
      const two = await sessions.open(2, { access: access({ labels: [1] }) });
      const three = await sessions.open(3, { access: access({ labels: [2] }) });
      expect(await sessions.send(two, { ...between(2, 3), hopLimit: 1 })).toBe('ttlExpired');
      expect(await sessions.send(two, { ...between(2, 3), hopLimit: 2 })).toBe('switched');
      const shape = between(2, 3);
      const row = (
        column: 'packetsSent' | 'bytesSent' | 'packetsReceived' | 'bytesReceived',
        id: number,
      ): number => {
        const counts = sessions.counts();
        const rows = Array.from({ length: counts.sessionRows }, (_, index) => index);
        return counts.session(rows.find((index) => counts.session(index, 'sessionId') === id) ?? -1, column);
      };
      await expect.poll(() => row('packetsSent', three.server.sessionId)).toBe(1);
      expect(row('bytesSent', three.server.sessionId)).toBe(ipPacket(shape).length);
      expect(row('packetsReceived', two.server.sessionId)).toBe(1);
      expect(row('bytesReceived', two.server.sessionId)).toBe(ipPacket(shape).length);
      expect(sessions.counts().total('inboundForwarded')).toBe(1);
      expect(sessions.counts().total('tunWrites')).toBe(0);
    });
  });
}
