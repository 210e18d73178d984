import { expect, it } from 'vitest';
import { TestAuthority } from '../testing/authority.js';
import { defaultTunnel, type Profile } from '../profile/profile.js';
import { serverOf } from './server.js';
import { connectionTarget } from './target.js';

it('the engine sends by the congestion control of the profile', async () => {
  const authority = await TestAuthority.create();
  const { chainPem, keyPem } = await authority.client('alice');
  const profile: Profile = {
    ...{ client: 'alice', url: 'vpn.example.org:443', address: null, ca: authority.pem, systemRoots: false },
    ...{ certificate: chainPem, privateKey: keyPem, tunnel: defaultTunnel },
  };
  const server = serverOf(profile);
  if (!server.ok) throw new Error(server.error.message);
  const sentBy = (tunnel: Profile['tunnel']): string =>
    connectionTarget({ ...profile, tunnel }, server.value, ['192.0.2.1']).options.transport.congestionControl;
  expect(sentBy(defaultTunnel)).toBe('adaptive');
  expect(sentBy({ ...defaultTunnel, congestionControl: 'cubic' })).toBe('cubic');
});
