import { expect, test } from 'vitest';
import { apiPlaces } from './apiPlaces.js';

test('others come by the public name, over TLS', () => {
  expect(apiPlaces('[::]:8080', 'vpn.example')).toEqual({
    remote: 'https://vpn.example:8080',
    local: 'http://localhost:8080',
    tunnel: 'ssh -L 8080:localhost:8080 vpn.example',
  });
});

test('an IPv6 address stands in brackets where a URL needs them', () => {
  const { remote, tunnel } = apiPlaces('0.0.0.0:81', '2001:db8::1');
  expect([remote, tunnel]).toEqual(['https://[2001:db8::1]:81', 'ssh -L 81:localhost:81 2001:db8::1']);
});

test.each(['127.0.0.1:8080', '[::1]:8080'])('nobody comes from elsewhere to %s', (address) => {
  expect(apiPlaces(address, 'vpn.example').remote).toBeNull();
});
