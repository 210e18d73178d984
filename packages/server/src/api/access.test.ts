import { describe, expect, test } from 'vitest';
import { refuseLocal, type Attempt } from './access.js';

const local: Attempt = {
  remoteAddress: '127.0.0.1',
  host: '127.0.0.1:8080',
  origin: undefined,
  forwarded: false,
};

describe('a caller over TCP is local', () => {
  test.each<Partial<Attempt>>([
    {},
    { remoteAddress: '::1', host: '[::1]:8080' },
    { remoteAddress: '::ffff:127.0.0.1', host: 'localhost' },
    { remoteAddress: '127.8.9.1', host: 'LOCALHOST:8080' },
    { host: 'localhost:8080', origin: 'http://localhost:8080' },
  ])('%o', (changes) => {
    expect(refuseLocal({ ...local, ...changes })).toBeNull();
  });
});

describe('a caller over TCP is refused', () => {
  test.each<[string, Partial<Attempt>]>([
    ['API_LOCAL_ONLY', { remoteAddress: '192.0.2.1' }],
    ['API_LOCAL_ONLY', { remoteAddress: '::ffff:192.0.2.1' }],
    ['API_LOCAL_ONLY', { remoteAddress: '' }],
    // A reverse proxy on this machine speaks for others.
    ['API_LOCAL_ONLY', { forwarded: true }],
    // DNS rebinding: the browser connects to 127.0.0.1 under the attacker's name.
    ['API_HOST_REFUSED', { host: 'attacker.example:8080' }],
    ['API_HOST_REFUSED', { host: 'localhost.attacker.example' }],
    ['API_HOST_REFUSED', { host: '127.0.0.1.attacker.example' }],
    ['API_HOST_REFUSED', { host: undefined }],
    ['API_ORIGIN_REFUSED', { origin: 'https://attacker.example' }],
    ['API_ORIGIN_REFUSED', { origin: 'null' }],
    ['API_ORIGIN_REFUSED', { host: 'localhost:8080', origin: 'http://localhost:3000' }],
  ])('%s %o', (code, changes) => {
    expect(refuseLocal({ ...local, ...changes })).toBe(code);
  });
});
