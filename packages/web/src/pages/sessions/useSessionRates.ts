import { shallowRef, watch, type Ref } from 'vue';
import { ratesOf, type Reading } from '../../domain/rates.js';
import type { Model } from '../../api/client.js';

/** Readings that are kept: five minutes at one every two seconds. */
const kept = 150;

export interface SessionRates {
  readonly times: readonly number[];
  /** Octets per second. */
  readonly down: readonly number[];
  readonly up: readonly number[];
}

/** Rates of a session while somebody looks at it, from its counters each time they are read. */
export function useSessionRates(
  session: Readonly<Ref<Model<'SessionDetail'> | undefined>>,
  readAtMs: Readonly<Ref<number>>,
): Readonly<Ref<SessionRates>> {
  const rates = shallowRef<SessionRates>({ times: [], down: [], up: [] });
  let down: readonly Reading[] = [];
  let up: readonly Reading[] = [];
  watch(
    readAtMs,
    (atMs) => {
      const now = session.value?.live;
      if (now === null || now === undefined) return;
      down = [...down, { atMs, value: now.bytesSent }].slice(-kept);
      up = [...up, { atMs, value: now.bytesReceived }].slice(-kept);
      const rated = ratesOf(down);
      rates.value = {
        times: rated.map((reading) => reading.atMs),
        down: rated.map(({ value }) => value),
        up: ratesOf(up).map(({ value }) => value),
      };
    },
    { immediate: true },
  );
  return rates;
}
