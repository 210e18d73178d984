import { readonly, shallowRef, type Ref } from 'vue';

/** What the server tells of by itself; docs/live-events.md. */
export type Topic = 'sessions' | 'clients' | 'flows' | 'audit' | 'metrics' | 'logs';

export interface LiveEvent {
  readonly topic: Topic;
  /** `session.opened`, `audit.added` … */
  readonly type: string;
  readonly atMs: number;
  readonly clientId: string | null;
  readonly sessionId: string | null;
  readonly data: unknown;
}

/** `lost`: it was there, or should be, and is being tried again. */
export type LiveState = 'off' | 'connecting' | 'live' | 'lost';

/** What of `EventSource` is used. */
export type Source = Pick<EventSource, 'addEventListener' | 'close' | 'readyState'>;

export interface LiveStreamOptions {
  readonly topics: readonly Topic[];
  /** `level=warn`, say: further parts of the query. */
  readonly query?: Readonly<Record<string, string>>;
  readonly open?: (url: string) => Source;
  readonly onEvent: (event: LiveEvent) => void;
  /** More happened than can be told: everything that was read may be old. */
  readonly onResync: () => void;
  /** The server answers, and does not let this page listen: it may have forgotten who this is. */
  readonly onRefused?: () => void;
}

const closed = 2;
const firstRetryMs = 1_000;
const longestRetryMs = 15_000;

/**
 * The server's events. Goes on where it stopped after each loss (`Last-Event-ID`, or `lastEventId=` where the browser
 * gave up and a new source is made).
 */
export class LiveStream implements Disposable {
  readonly #options: LiveStreamOptions;
  readonly #state = shallowRef<LiveState>('off');
  readonly state: Readonly<Ref<LiveState>> = readonly(this.#state);
  #source: Source | null = null;
  #lastEventId: string | null = null;
  #retryMs = firstRetryMs;
  #retry: ReturnType<typeof setTimeout> | null = null;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  /** Begins, or goes on where it was paused. */
  start(): void {
    if (this.#source !== null || this.#options.topics.length === 0) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    if (this.#state.value === 'off') this.#state.value = 'connecting';
    const source = (this.#options.open ?? ((url) => new EventSource(url)))(this.#url());
    this.#source = source;
    source.addEventListener('ready', (event) => this.#ready(event));
    source.addEventListener('resync', (event) => {
      this.#ready(event);
      this.#options.onResync();
    });
    for (const topic of this.#options.topics) {
      source.addEventListener(topic, (event: MessageEvent<string>) => this.#tell(topic, event));
    }
    source.addEventListener('error', () => this.#fail(source));
  }

  /** Closes the connection; `start` goes on from here. */
  pause(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#source?.close();
    this.#source = null;
    this.#state.value = 'off';
  }

  [Symbol.dispose](): void {
    this.pause();
  }

  #url(): string {
    const query = new URLSearchParams({ topics: this.#options.topics.join(','), ...this.#options.query });
    if (this.#lastEventId !== null) query.set('lastEventId', this.#lastEventId);
    return `/api/v1/events?${query.toString()}`;
  }

  #ready(event: MessageEvent): void {
    this.#lastEventId = event.lastEventId;
    this.#retryMs = firstRetryMs;
    this.#state.value = 'live';
  }

  #tell(topic: Topic, event: MessageEvent<string>): void {
    this.#lastEventId = event.lastEventId;
    this.#options.onEvent({ topic, ...(JSON.parse(event.data) as Omit<LiveEvent, 'topic'>) });
  }

  #fail(source: Source): void {
    if (this.#source !== source) return;
    this.#state.value = 'lost';
    // The browser tries again by itself unless the server refused.
    if (source.readyState !== closed) return;
    this.#source = null;
    this.#retry = setTimeout(() => this.start(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
    this.#options.onRefused?.();
  }
}
