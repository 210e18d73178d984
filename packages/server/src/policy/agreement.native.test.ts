import { openEngine } from '@masque-vpn/engine';
import { test } from 'vitest';
import { expectAgreement } from './testing/agreement.js';

test('whatever the rules are, explain and the engine agree on every packet', async () => {
  await expectAgreement(openEngine, 100);
}, 120_000);
