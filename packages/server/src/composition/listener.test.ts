import { expect, test } from 'vitest';
import { testConfig } from '../testing/testServer.js';
import { listenerOptions } from './listener.js';

test.each(['bbr', 'cubic', 'adaptive'] as const)(
  'the engine sends by %s where it is set',
  (congestionControl) => {
    const base = testConfig('/nowhere');
    const config = { ...base, tunnel: { ...base.tunnel, congestionControl } };
    const certificate = { chainPem: '', fullChainPem: '', keyPem: '', notAfter: 0 };
    const options = listenerOptions(config, { anchorsPem: '', leafSha256: [] }, certificate);
    expect(options.transport).toMatchObject({ congestionControl });
  },
);
