import type { Engine } from '@masque-vpn/engine';
import type { Logger } from 'pino';

/** What a bucket holds: TCP stays far below its rate with less (docs/architecture.md, "Meters"). */
const leastBurstBytes = 262_144;
const burstSeconds = 0.25;

interface Meter {
  readonly id: number;
  bytesPerSecond: number;
  users: number;
}

/** Whose traffic a meter measures, and which way. */
export type MeterKey = `${'client' | 'group'}/${string}/${'up' | 'down'}`;

/** Meters in the engine: one for each client or group and direction that has a rate, shared by all its sessions. */
export class Meters {
  readonly #engine: Pick<Engine, 'setMeter' | 'dropMeter'>;
  readonly #logger: Logger;
  readonly #meters = new Map<MeterKey, Meter>();
  #lastId = 0;

  constructor(engine: Pick<Engine, 'setMeter' | 'dropMeter'>, logger: Logger) {
    this.#engine = engine;
    this.#logger = logger;
  }

  /** The meter's number, for one more user; its rate is this from now on, for all users. */
  take(key: MeterKey, bytesPerSecond: number): number {
    const known = this.#meters.get(key);
    if (known !== undefined) {
      known.users += 1;
      if (known.bytesPerSecond !== bytesPerSecond) this.#tell(known, bytesPerSecond);
      return known.id;
    }
    this.#lastId += 1;
    const meter: Meter = { id: this.#lastId, bytesPerSecond, users: 1 };
    this.#meters.set(key, meter);
    this.#tell(meter, bytesPerSecond);
    return meter.id;
  }

  /** One user less; the last one takes the meter along. */
  release(key: MeterKey): void {
    const meter = this.#meters.get(key);
    if (meter === undefined) return;
    meter.users -= 1;
    if (meter.users > 0) return;
    this.#meters.delete(key);
    this.#engine.dropMeter(meter.id);
  }

  /** Nothing is kept of meters without users: for tests of leaks. */
  get size(): number {
    return this.#meters.size;
  }

  #tell(meter: Meter, bytesPerSecond: number): void {
    meter.bytesPerSecond = bytesPerSecond;
    const burstBytes = Math.max(leastBurstBytes, Math.ceil(bytesPerSecond * burstSeconds));
    const told = this.#engine.setMeter(meter.id, { bytesPerSecond, burstBytes });
    if (!told.ok) this.#logger.error({ err: told.error, bytesPerSecond }, 'the engine did not take a rate');
  }
}
