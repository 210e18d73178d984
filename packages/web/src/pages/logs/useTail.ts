import { onUnmounted, readonly, shallowRef, triggerRef, watch, type Ref } from 'vue';
import { LiveStream, type LiveState } from '../../live/stream.js';
import { streamQueryOf, type LogEntry, type LogFilters } from './filters.js';
import { useLastLines } from './queries.js';
import { lineOf, Tail } from './tail.js';

/** New lines are shown together, at most this often. */
const everyMs = 200;

/** The log as it is written, narrowed by `filters`. */
export function useTail(filters: () => LogFilters): {
  readonly tail: Ref<Tail>;
  readonly state: Readonly<Ref<LiveState>>;
  readonly query: ReturnType<typeof useLastLines>;
  readonly paused: Readonly<Ref<boolean>>;
  readonly pause: (paused: boolean) => void;
} {
  const tail = shallowRef(new Tail());
  const state = shallowRef<LiveState>('off');
  const paused = shallowRef(false);
  const query = useLastLines(filters);
  let early: LogEntry[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      triggerRef(tail);
    }, everyMs);
  };
  let stopStream = (): void => undefined;

  function listen(): void {
    stopStream();
    early = [];
    const stream = new LiveStream({
      topics: ['logs'],
      query: streamQueryOf(filters()),
      onEvent: (event) => {
        const entry = lineOf(event, filters().q);
        if (entry === null) return;
        if (query.isFetching.value) early.push(entry);
        else tail.value.add(entry);
        show();
      },
      onResync: () => void query.refetch(),
    });
    const stopWatching = watch(stream.state, (now) => (state.value = now), { immediate: true });
    stopStream = () => {
      stopWatching();
      stream[Symbol.dispose]();
    };
    stream.start();
  }

  watch(() => JSON.stringify(filters()), listen, { immediate: true });
  watch(
    () => query.data.value,
    (data) => {
      if (data === undefined) return;
      tail.value.restart(data.items, early);
      early = [];
      triggerRef(tail);
    },
    { immediate: true },
  );
  onUnmounted(() => {
    clearTimeout(timer);
    stopStream();
  });
  return {
    tail,
    state: readonly(state),
    query,
    paused: readonly(paused),
    pause: (on) => {
      paused.value = on;
      tail.value.pause(on);
      triggerRef(tail);
    },
  };
}
