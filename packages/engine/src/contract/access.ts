import { describe, expect, it } from 'vitest';
import type { AccessRule, EngineErrorCode, EngineResult, RemoteMatch } from '../engine.js';
import { access, allowed, JudgedSessions, judgedForwarding, rule } from './judgedSessions.js';
import { echo, ipPacket, protocols, tcp, tcpFlags, udp, unreachable, type PacketShape } from './packets.js';
import { openSession, proxyForwarding, value, type Stage } from './party.js';

const outside = '198.51.100.7';

function fromTwo(
  destination = outside,
  upper = udp(4_000, 53),
  protocol: number = protocols.udp,
): PacketShape {
  return { source: '10.0.0.2', destination, upper, protocol };
}

function from(
  host: number,
  to: number,
  upper = udp(4_000, 53),
  protocol: number = protocols.udp,
): PacketShape {
  return { source: `10.0.0.${host}`, destination: `10.0.0.${to}`, upper, protocol };
}

const anything = [rule({ id: 1 })];
const labels = (...list: number[]): RemoteMatch => ({ kind: 'labels', labels: list });
/** Sessions labelled 1 may open flows to sessions labelled 2. */
const oneToTwo: readonly AccessRule[] = [
  rule({ id: 1, remote: labels(2) }),
  rule({ id: 2, opened: 'towardsPeer', remote: labels(1) }),
];

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
      const ports = Array.from({ length: most }, (_, port) => port + 1);
      sessions.post(two, ...ports.map((port) => from(2, 3, udp(port, 53, 0))));
      await sessions.settle();
      expect(sessions.counts().total('flows')).toBe(2 * most);
      expect(await sessions.send(two, from(2, 3, udp(9_000, 53)))).toBe('switched');
      expect(sessions.counts().total('flows')).toBe(2 * most);
      sessions.post(three, ...[...ports, 9_000].map((port) => from(3, 2, udp(53, port, 0))));
      await sessions.settle();
      // What had to go on either side cannot be answered; all others were, so no more of them have to go.
      const unanswered = sessions.counts().total('inboundDrops.peerToPeer');
      expect([1, 2]).toContain(unanswered);
      expect(await sessions.send(two, from(2, 3, udp(9_001, 53)))).toBe('flowTableFull');
      expect(sessions.counts().total('flows')).toBe(2 * most);
      sessions.pair.client.engine.finish(two.client.sessionId);
      await expect.poll(() => sessions.counts().total('flows')).toBe(most);
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
      expect(await sessions.send(two, from(2, 3))).toBe('peerToPeer');
      expect(await sessions.send(two, from(2, 4))).toBe('peerToPeer');
      expect(await sessions.send(two, from(2, 2))).toBe('peerToPeer');
      expect(await sessions.send(two, from(2, 1))).toBe(allowed);
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
      expect(await sessions.send(two, from(2, 3))).toBe('switched');
      expect(await sessions.send(two, from(2, 4))).toBe('peerToPeer');
      expect(await sessions.send(two, from(2, 6))).toBe('peerToPeer');
      // Its own rules allow it, those of the other side do not; and the other way round.
      expect(await sessions.send(four, from(4, 3))).toBe('peerToPeer');
      expect(await sessions.send(five, from(5, 3))).toBe('accessDenied');
      expect(await sessions.send(three, from(3, 2, udp(1, 2)))).toBe('peerToPeer');
    });

    it('answer each other, by the flow alone', async () => {
      await using sessions = await JudgedSessions.start(stage(), oneToTwo);
      const two = await sessions.open(2, { access: access({ labels: [1] }) });
      const three = await sessions.open(3, { access: access({ labels: [2] }) });
      expect(await sessions.send(three, from(3, 2, udp(53, 4_000)))).toBe('peerToPeer');
      expect(await sessions.send(two, from(2, 3))).toBe('switched');
      expect(await sessions.send(three, from(3, 2, udp(53, 4_000)))).toBe('switched');
      expect(await sessions.send(three, from(3, 2, udp(53, 4_001)))).toBe('peerToPeer');

      const ping = (id: number): PacketShape => from(3, 2, echo(id, true), protocols.icmp);
      expect(await sessions.send(two, from(2, 3, echo(7), protocols.icmp))).toBe('switched');
      expect(await sessions.send(three, ping(7))).toBe('switched');
      expect(await sessions.send(three, ping(8))).toBe('peerToPeer');

      const segment = (flags: number): PacketShape => from(3, 2, tcp(80, 4_000, flags), protocols.tcp);
      expect(await sessions.send(three, segment(tcpFlags.syn))).toBe('peerToPeer');
      const syn = tcp(4_000, 80, tcpFlags.syn);
      expect(await sessions.send(two, from(2, 3, syn, protocols.tcp))).toBe('switched');
      expect(await sessions.send(three, segment(tcpFlags.syn | tcpFlags.ack))).toBe('switched');
      expect(await sessions.send(three, segment(tcpFlags.ack))).toBe('switched');
      expect(await sessions.send(three, segment(tcpFlags.syn))).toBe('peerToPeer');
      const unreachableAboutFlow = unreachable(ipPacket(from(2, 3)));
      expect(await sessions.send(three, from(3, 2, unreachableAboutFlow, protocols.icmp))).toBe('switched');
    });

    it('are cut off from each other when labels or the other session change', async () => {
      await using sessions = await JudgedSessions.start(stage(), oneToTwo);
      const two = await sessions.open(2, { access: access({ labels: [1] }) });
      const three = await sessions.open(3, { access: access({ labels: [2] }) });
      expect(await sessions.send(two, from(2, 3))).toBe('switched');
      value(sessions.server.update(three.server.sessionId, judgedForwarding(3)));
      expect(await sessions.send(two, from(2, 3))).toBe('peerToPeer');
      const again = judgedForwarding(3, { access: access({ labels: [2] }) });
      value(sessions.server.update(three.server.sessionId, again));
      expect(await sessions.send(two, from(2, 3))).toBe('switched');
      value(sessions.server.update(two.server.sessionId, judgedForwarding(2)));
      expect(await sessions.send(three, from(3, 2, udp(53, 4_000)))).toBe('peerToPeer');
      sessions.server.abort(three.server.sessionId, 0x010c);
      expect(await sessions.send(two, from(2, 3))).toBe('peerToPeer');
    });

    it('are one hop apart, and counted at both ends', async () => {
      await using sessions = await JudgedSessions.start(stage(), oneToTwo);
      const two = await sessions.open(2, { access: access({ labels: [1] }) });
      const three = await sessions.open(3, { access: access({ labels: [2] }) });
      expect(await sessions.send(two, { ...from(2, 3), hopLimit: 1 })).toBe('ttlExpired');
      expect(await sessions.send(two, { ...from(2, 3), hopLimit: 2 })).toBe('switched');
      const shape = from(2, 3);
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

/** Rate limits. */
export function describeMeters(stage: () => Stage): void {
  describe('meters', () => {
    it('let a burst pass and drop what exceeds it, for all sessions that share one', async () => {
      await using sessions = await JudgedSessions.start(stage(), anything);
      value(sessions.server.setMeter(5, { bytesPerSecond: 1, burstBytes: 250 }));
      const metered = access({ meters: { fromPeer: [5], toPeer: [] } });
      const two = await sessions.open(2, { access: metered });
      const three = await sessions.open(3, { access: metered });
      const hundred = fromTwo(outside, udp(1, 2, 72));
      expect(await sessions.send(two, hundred)).toBe(allowed);
      expect(await sessions.send(three, { ...hundred, source: '10.0.0.3' })).toBe(allowed);
      expect(await sessions.send(two, hundred)).toBe('rateLimited');
      expect(await sessions.send(three, { ...fromTwo(), source: '10.0.0.3' })).toBe(allowed);
      value(sessions.server.setMeter(5, { bytesPerSecond: 1e9, burstBytes: 1e6 }));
      await expect.poll(() => sessions.send(two, hundred)).toBe(allowed);
      value(sessions.server.setMeter(5, { bytesPerSecond: 1, burstBytes: 1 }));
      expect(await sessions.send(two, hundred)).toBe('rateLimited');
      sessions.server.dropMeter(5);
      expect(await sessions.send(two, hundred)).toBe(allowed);
    });

    it('count what goes to a peer from another session as well, and all of several', async () => {
      await using sessions = await JudgedSessions.start(stage(), oneToTwo);
      value(sessions.server.setMeter(5, { bytesPerSecond: 1, burstBytes: 1_000 }));
      value(sessions.server.setMeter(6, { bytesPerSecond: 1, burstBytes: 250 }));
      const two = await sessions.open(2, {
        access: access({ labels: [1], meters: { fromPeer: [5], toPeer: [] } }),
      });
      await sessions.open(3, { access: access({ labels: [2], meters: { fromPeer: [], toPeer: [5, 6] } }) });
      const hundred = from(2, 3, udp(1, 2, 72));
      const fates = [];
      for (let count = 0; count < 3; count += 1) fates.push(await sessions.send(two, hundred));
      expect(fates).toEqual(['switched', 'switched', 'rateLimited']);
    });
  });
}

const invalid = 'ENGINE_INVALID_ARGUMENT';

function codeOf(result: EngineResult<unknown>): EngineErrorCode | 'ok' {
  return result.ok ? 'ok' : result.error.code;
}
