import { FakeEngine, FakeNetwork } from '@masque-vpn/engine/fake';
import { test } from 'vitest';
import { expectAgreement } from './testing/agreement.js';

test('whatever the rules are, explain and the fake engine agree on every packet', async () => {
  const network = new FakeNetwork();
  await expectAgreement(({ onEvents }) => ({ ok: true, value: new FakeEngine({ network, onEvents }) }), 150);
}, 60_000);
