import { FakeEngine, FakeNetwork } from '@masque-vpn/engine/fake';
import type { Engine } from '@masque-vpn/engine';
import { describe, expect, it } from 'vitest';
import { TestWorld } from '../testing/testWorld.js';
import { doctor, type DoctorFlags } from './doctor.js';

async function examine(flags: DoctorFlags, prepare: (engine: FakeEngine) => void = () => undefined) {
  const world = new TestWorld();
  const engines: FakeEngine[] = [];
  const result = await doctor(flags, world, ({ onEvents }) => {
    const engine = new FakeEngine({ network: new FakeNetwork(), onEvents });
    prepare(engine);
    engines.push(engine);
    return { ok: true, value: engine satisfies Engine };
  });
  return { result, out: world.out.text, engines };
}

describe('doctor', () => {
  it('says what there is, and leaves no device behind', async () => {
    const { result, out, engines } = await examine({});
    expect(result).toEqual({ ok: true, value: undefined });
    expect(out).toMatch(/^tunnel device +can be made$/m);
    expect(out).toMatch(/^tunTcp +yes /m);
    expect(out).toMatch(/^udpSegmentation +no /m);
    expect(engines[0]?.tun.options).toBeNull();
  });

  it('ends with 4 without rights, and does not guess what only a device would tell', async () => {
    const { result, out } = await examine({ json: true }, ({ tun }) => {
      tun.failure = 'ENGINE_PERMISSION_DENIED';
    });
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'ENGINE_PERMISSION_DENIED', exit: 4, printed: true },
    });
    expect(JSON.parse(out)).toMatchObject({
      tunProblem: { code: 'ENGINE_PERMISSION_DENIED' },
      offloads: {
        ...{ udpSegmentation: false, udpSteering: false },
        ...{ tunTcp: null, tunUdp: null, tunQueues: null, tunSteering: null },
      },
    });
  });

  it('says so when the engine is not built', async () => {
    const world = new TestWorld();
    const error = { code: 'ENGINE_MISSING', message: 'there is no addon' } as const;
    const result = await doctor({}, world, () => ({ ok: false, error }));
    expect(result).toMatchObject({ ok: false, error: { ...error, exit: 1 } });
  });
});
