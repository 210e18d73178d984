import { beforeAll, describe } from 'vitest';
import { describeBehind } from './behind.js';
import { makeCertificates } from './certificates.js';
import { describeCapsules } from './capsules.js';
import { describeCommands } from './commands.js';
import { describeCounting } from './counting.js';
import { describeEndings } from './endings.js';
import { describeFlows } from './flows.js';
import { describeHandshake } from './handshake.js';
import { describeMeters } from './meters.js';
import { Stage, type World } from './party.js';
import { describeRequests } from './requests.js';
import { describeRules } from './rules.js';
import { describeSwitching } from './switching.js';

/**
 * What every engine does, told as tests. `makeWorld` gives a place where the engines of one test can
 * reach each other at 127.0.0.1. Packets to and from a TUN are tested elsewhere; here a peer sends
 * some, and what becomes of them is read from the counters.
 */
export function describeEngineContract(name: string, makeWorld: () => World): void {
  describe(`${name} keeps the engine contract`, () => {
    const prepared: { stage?: Stage } = {};
    beforeAll(async () => {
      prepared.stage = new Stage(await makeCertificates(), makeWorld);
    });
    const stage = (): Stage => {
      if (prepared.stage === undefined) throw new Error('the certificates are not made yet');
      return prepared.stage;
    };
    describeHandshake(stage);
    describeRequests(stage);
    describeCapsules(stage);
    describeEndings(stage);
    describeCommands(stage);
    describeCounting(stage);
    describeRules(stage);
    describeFlows(stage);
    describeSwitching(stage);
    describeBehind(stage);
    describeMeters(stage);
  });
}
