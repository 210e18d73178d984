import type { QueryClient } from '@tanstack/vue-query';
import { inject, onUnmounted, watch, type InjectionKey, type Ref } from 'vue';
import { ApiProblem } from '../api/problem.js';
import type { Session } from '../app/session.js';
import { Refresher } from './refresher.js';
import { LiveStream, type LiveEvent, type LiveState, type Topic } from './stream.js';

/** A tab that nobody looks at gives its connection back: browsers have six for one server. */
const hiddenMs = 60_000;

const wanted = [
  ['sessions', 'sessions:read'],
  ['clients', 'clients:read'],
  ['flows', 'flows:read'],
  ['audit', 'audit:read'],
  ['metrics', 'server:read'],
] as const;

/** The one stream of events of this page: keeps what was read up to date, and tells whoever listens. */
export class Live implements Disposable {
  readonly #stream: LiveStream;
  readonly #listeners = new Map<Topic, Set<(event: LiveEvent) => void>>();
  readonly #refresher: Refresher;
  readonly #unwatch: readonly (() => void)[];
  #hidden: ReturnType<typeof setTimeout> | null = null;

  constructor(session: Session, queries: QueryClient) {
    this.#refresher = new Refresher(queries);
    this.#stream = new LiveStream({
      topics: wanted.flatMap(([topic, permission]) => (session.may(permission) ? [topic] : [])),
      onEvent: (event) => {
        this.#refresher.hear(event);
        for (const listener of this.#listeners.get(event.topic) ?? []) listener(event);
      },
      onResync: () => this.#refresher.all(),
      onRefused: () => void askWhoThisIs(session),
    });
    this.#unwatch = [
      watch(this.#stream.state, (now, before) => {
        if (now === 'live' && before === 'lost') this.#refresher.failed();
      }),
      watch(session.state, (now) => {
        if (now === 'signedIn' && document.visibilityState === 'visible') this.#stream.start();
      }),
    ];
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#stream.start();
  }

  get state(): Readonly<Ref<LiveState>> {
    return this.#stream.state;
  }

  /** Tells `listener` each event of a topic until it is disposed of. */
  on(topic: Topic, listener: (event: LiveEvent) => void): Disposable {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    for (const unwatch of this.#unwatch) unwatch();
    if (this.#hidden !== null) clearTimeout(this.#hidden);
    this.#stream[Symbol.dispose]();
    this.#refresher[Symbol.dispose]();
  }

  readonly #onVisibility = (): void => {
    if (this.#hidden !== null) clearTimeout(this.#hidden);
    this.#hidden = null;
    if (document.visibilityState === 'visible') this.#stream.start();
    else this.#hidden = setTimeout(() => this.#stream.pause(), hiddenMs);
  };
}

/** Tells the session when it is lost; while nobody answers, the stream goes on trying. */
async function askWhoThisIs(session: Session): Promise<void> {
  try {
    await session.load();
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
  }
}

export const liveKey: InjectionKey<Live> = Symbol('live');

/** The events of this page; only below the shell, where somebody is signed in. */
export function useLive(): Live {
  const live = inject(liveKey);
  if (live === undefined) throw new Error('live events are for those who are signed in');
  return live;
}

/** Calls `listener` for each event of a topic while the component is there. */
export function useLiveEvents(topic: Topic, listener: (event: LiveEvent) => void): void {
  const subscription = useLive().on(topic, listener);
  onUnmounted(() => subscription[Symbol.dispose]());
}
