import { describe, expect, it } from 'vitest';
import {
  access,
  allowed,
  anything,
  between,
  fromTwo,
  JudgedSessions,
  oneToTwo,
  outside,
} from './judgedSessions.js';
import { udp } from '../testing/packets.js';
import { value, type Stage } from './party.js';

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
      const hundred = between(2, 3, udp(1, 2, 72));
      const fates = [];
      for (let count = 0; count < 3; count += 1) fates.push(await sessions.send(two, hundred));
      expect(fates).toEqual(['switched', 'switched', 'rateLimited']);
    });
  });
}
