import type { ClientStatus } from '@masque-vpn/client/status';
import { describe, expect, it } from 'vitest';
import { statusLine } from './statusLine.js';

function status(changes: Partial<ClientStatus> = {}): ClientStatus {
  return {
    client: 'alice',
    server: 'vpn.example.org',
    pid: 1,
    interface: 'masque-alice',
    state: 'up',
    sinceMs: 0,
    remoteAddress: '192.0.2.1:443',
    addresses: ['10.89.0.2/32', 'fd4d:5156:504e::2/128'],
    routes: ['0.0.0.0/0'],
    tunnelMtu: 1400,
    rttMs: 23.6,
    bytesUp: 0,
    bytesDown: 0,
    packetsUp: 0,
    packetsDown: 0,
    attempts: 0,
    certificate: { expiresAtMs: 0, renewsAtMs: null, renewalError: null },
    advertised: [],
    dns: [],
    lastError: null,
    ...changes,
  };
}

describe('the live line', () => {
  it('shows rates since the last one, round trip and inner addresses', () => {
    const before = { status: status(), atMs: 60_000 };
    const now = { status: status({ bytesDown: 250_000, bytesUp: 1250 }), atMs: 62_000 };
    expect(statusLine(now, before, 100)).toBe(
      'alice  up 1 min 2 s  ↓ 1.00 Mbit/s  ↑ 5.00 kbit/s  24 ms  10.89.0.2 fd4d:5156:504e::2',
    );
  });

  it('says why there is no tunnel', () => {
    const lastError = { code: 'SERVER_UNREACHABLE', message: '', atMs: 0 };
    const waiting = { status: status({ state: 'waiting', attempts: 3, lastError }), atMs: 5_000 };
    expect(statusLine(waiting, null, 100)).toBe('alice  waiting after 3 failed attempts  SERVER_UNREACHABLE');
    const connecting = { status: status({ state: 'connecting' }), atMs: 5_000 };
    expect(statusLine(connecting, null, 100)).toBe('alice  connecting 5 s');
  });

  it('never is wider than the terminal', () => {
    for (const width of [0, 1, 5, 20, 79]) {
      expect(statusLine({ status: status(), atMs: 0 }, null, width).length).toBeLessThanOrEqual(
        Math.max(width, 1),
      );
    }
  });
});
