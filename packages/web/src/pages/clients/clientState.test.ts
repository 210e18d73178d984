import { expect, test } from 'vitest';
import { clientState } from './clientState.js';

const client = {
  enabled: true,
  expiresAtMs: null,
  openSessions: 0,
  lastConnectedAtMs: null,
  certificates: [{ sha256: 'a', notBeforeMs: 0, notAfterMs: 9, revokedAtMs: null }],
};

test('a disabled client is that first of all', () => {
  expect(clientState({ ...client, enabled: false, openSessions: 1 }, 0)).toBe('disabled');
});

test('a client is expired from its last moment on', () => {
  expect(clientState({ ...client, expiresAtMs: 10 }, 9)).toBe('offline');
  expect(clientState({ ...client, expiresAtMs: 10 }, 10)).toBe('expired');
});

test('a client without a certificate that was never here is not enrolled', () => {
  expect(clientState({ ...client, certificates: [] }, 0)).toBe('notEnrolled');
  expect(clientState({ ...client, certificates: [], lastConnectedAtMs: 5 }, 9)).toBe('offline');
  expect(clientState({ ...client, openSessions: 2 }, 0)).toBe('online');
});
