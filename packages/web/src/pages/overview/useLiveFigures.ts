import { shallowRef, type Ref } from 'vue';
import { useLiveEvents } from '../../live/live.js';

/** What the server moves just now; once a second. */
export interface LiveFigures {
  readonly openSessions: number;
  readonly bytesSentPerSecond: number;
  readonly bytesReceivedPerSecond: number;
  readonly pool: { readonly ipv4: { readonly total: number; readonly used: number } };
}

/** The latest sample of the topic `metrics`; null until the first. */
export function useLiveFigures(): Readonly<Ref<LiveFigures | null>> {
  const figures = shallowRef<LiveFigures | null>(null);
  useLiveEvents('metrics', ({ data }) => {
    figures.value = data as LiveFigures;
  });
  return figures;
}
