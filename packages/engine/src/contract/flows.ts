import { describe, expect, it } from 'vitest';
import {
  access,
  allowed,
  between,
  fromTwo,
  JudgedSessions,
  oneToTwo,
  outside,
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
import { type Stage } from './party.js';

/** What belongs to a flow that was allowed. */
export function describeFlows(stage: () => Stage): void {
  describe('flows', () => {
    it('include ICMP errors about their packets, and no others', async () => {
      const rules = [rule({ id: 1, protocol: protocols.udp })];
      await using sessions = await JudgedSessions.start(stage(), rules);
      const two = await sessions.open(2);
      const error = (port: number): PacketShape => {
        const upper = udp(53, port);
        const quoted = ipPacket({ source: outside, destination: '10.0.0.2', upper, protocol: protocols.udp });
        return fromTwo('192.0.2.254', unreachable(quoted), protocols.icmp);
      };
      expect(await sessions.send(two, error(4_000))).toBe('accessDenied');
      expect(await sessions.send(two, fromTwo())).toBe(allowed);
      expect(await sessions.send(two, error(4_000))).toBe(allowed);
      expect(await sessions.send(two, error(4_001))).toBe('accessDenied');
    });

    it('include the later fragments of a datagram whose first one was allowed', async () => {
      const rules = [rule({ id: 1, protocol: protocols.udp, ports: [[53, 53]] })];
      await using sessions = await JudgedSessions.start(stage(), rules);
      const two = await sessions.open(2);
      const fragment = (id: number, offset: number): PacketShape => ({
        ...fromTwo(outside, udp(4_000, id === 9 ? 80 : 53, 16)),
        fragment: { id, offset, more: offset === 0 },
      });
      expect(await sessions.send(two, fragment(8, 3))).toBe('accessDenied');
      expect(await sessions.send(two, fragment(8, 0))).toBe(allowed);
      expect(await sessions.send(two, fragment(8, 3))).toBe(allowed);
      expect(await sessions.send(two, fragment(9, 0))).toBe('accessDenied');
      expect(await sessions.send(two, fragment(9, 3))).toBe('accessDenied');
    });

    it('are bounded: a full session gives up what was never answered, and then takes no more', async () => {
      await using sessions = await JudgedSessions.start(stage(), oneToTwo);
      const two = await sessions.open(2, { access: access({ labels: [1] }) });
      const three = await sessions.open(3, { access: access({ labels: [2] }) });
      const most = 8_192;
      const flows = (): number => sessions.counts().total('flows');
      const ports = Array.from({ length: most }, (_, port) => port + 1);
      sessions.post(two, ...ports.map((port) => between(2, 3, udp(port, 53, 0))));
      await sessions.settle();
      await expect.poll(flows, { timeout: 10_000 }).toBe(2 * most);
      expect(await sessions.send(two, between(2, 3, udp(9_000, 53)))).toBe('switched');
      await expect.poll(flows, { timeout: 10_000 }).toBe(2 * most);
      sessions.post(three, ...[...ports, 9_000].map((port) => between(3, 2, udp(53, port, 0))));
      await sessions.settle();
      // What had to go on either side cannot be answered; all others were, so no more of them have to go.
      const unanswered = sessions.counts().total('inboundDrops.peerToPeer');
      expect([1, 2]).toContain(unanswered);
      expect(await sessions.send(two, between(2, 3, udp(9_001, 53)))).toBe('flowTableFull');
      await expect.poll(flows, { timeout: 10_000 }).toBe(2 * most);
      sessions.pair.client.engine.finish(two.client.sessionId);
      await expect.poll(flows, { timeout: 10_000 }).toBe(most);
    }, 30_000);

    it('are sampled: who, where to, by which rule', async () => {
      const rules = [
        rule({ id: 70, protocol: protocols.udp }),
        rule({ id: 80, action: 'deny', protocol: protocols.tcp }),
      ];
      await using sessions = await JudgedSessions.start(stage(), rules);
      const two = await sessions.open(2);
      const three = await sessions.open(3);
      const sinceMs = Date.now();
      await sessions.send(two, fromTwo());
      const first = await sessions.sample('allowed');
      expect(first).toMatchObject({
        sessionId: two.server.sessionId,
        ruleId: 70,
        opened: 'byPeer',
        source: '10.0.0.2',
        destination: outside,
        protocol: protocols.udp,
        sourcePort: 4_000,
        destinationPort: 53,
      });
      expect(Math.abs(first.atMs - sinceMs)).toBeLessThan(10_000);
      await sessions.send(two, fromTwo(outside, tcp(4_000, 443, tcpFlags.syn), protocols.tcp));
      expect(await sessions.sample('refused')).toMatchObject({ ruleId: 80, destinationPort: 443 });
      const other = { ...fromTwo(outside, echo(7), protocols.icmp), source: '10.0.0.3' };
      await sessions.send(three, other);
      expect(await sessions.sample('refused')).toMatchObject({
        sessionId: three.server.sessionId,
        ruleId: null,
        protocol: protocols.icmp,
        sourcePort: null,
        destinationPort: null,
      });
    });

    it('of a noisy session are not all sampled, those of a quiet one are', async () => {
      await using sessions = await JudgedSessions.start(stage(), []);
      const two = await sessions.open(2);
      const three = await sessions.open(3);
      const ports = Array.from({ length: 500 }, (_, port) => port);
      sessions.post(two, ...ports.map((port) => fromTwo(outside, udp(port, 53))));
      await sessions.settle();
      await sessions.send(three, { ...fromTwo(), source: '10.0.0.3' });
      const { events } = sessions.pair.server;
      const isThird = ({ sessionId }: { sessionId: number }): boolean => sessionId === three.server.sessionId;
      await events.next('flows', ({ flows }) => flows.some(isThird));
      const told = events.all.flatMap((event) => (event.type === 'flows' ? event.flows : []));
      expect(told.length).toBeLessThan(100);
      await expect.poll(() => sessions.counts().total('flowSamplesLost')).toBe(501 - told.length);
    });
  });
}
