import { shallowRef, watch, type Ref } from 'vue';
import type { Model } from '../../../api/client.js';
import { ratesOf, type Reading } from '../../../domain/rates.js';

/** Readings that are kept: five minutes at one every two seconds. */
const kept = 150;

export interface ClientRates {
  /** UTC milliseconds. */
  readonly times: readonly number[];
  /** To the client and from it, octets per second. */
  readonly down: readonly number[];
  readonly up: readonly number[];
}

/** Rates of all sessions of a client together while somebody looks, from their counters each time they are read. */
export function useClientRates(
  sessions: Readonly<Ref<readonly Model<'Session'>[] | undefined>>,
  readAtMs: Readonly<Ref<number>>,
): Readonly<Ref<ClientRates>> {
  const rates = shallowRef<ClientRates>({ times: [], down: [], up: [] });
  let down: readonly Reading[] = [];
  let up: readonly Reading[] = [];
  watch(
    readAtMs,
    (atMs) => {
      const open = sessions.value;
      if (open === undefined) return;
      const sum = (of: (session: Model<'Session'>) => number): number =>
        open.reduce((total, session) => total + of(session), 0);
      down = [...down, { atMs, value: sum(({ bytesSent }) => bytesSent) }].slice(-kept);
      up = [...up, { atMs, value: sum(({ bytesReceived }) => bytesReceived) }].slice(-kept);
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
