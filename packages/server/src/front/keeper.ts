import type { Logger } from 'pino';
import type { Front, FrontError } from './front.js';

/** The public TCP port, or why it is not open. */
export interface FrontState {
  /** `[::]:443`; null while it is not open. */
  readonly address: string | null;
  readonly problem: FrontError | null;
}

/** Keeps the public TCP port open: tunnels are served without it as well, so it is tried again and again. */
export class FrontKeeper {
  readonly #front: Pick<Front, 'listen'>;
  readonly #place: { readonly host: string; readonly port: number };
  readonly #logger: Logger;
  #state: FrontState = { address: null, problem: null };

  constructor(
    front: Pick<Front, 'listen'>,
    place: { readonly host: string; readonly port: number },
    logger: Logger,
  ) {
    this.#front = front;
    this.#place = place;
    this.#logger = logger;
  }

  get state(): FrontState {
    return this.#state;
  }

  /** Opens the port if it is not open; the same reason why not is logged once. */
  async open(): Promise<void> {
    if (this.#state.address !== null) return;
    const listening = await this.#front.listen(this.#place.host, this.#place.port);
    if (listening.ok) {
      this.#state = { address: listening.value, problem: null };
      this.#logger.info({ address: listening.value }, 'the public TCP port is open');
      return;
    }
    const { error } = listening;
    if (this.#state.problem?.code !== error.code) {
      this.#logger.warn({ err: error }, 'no client can enrol or renew: the public TCP port is not open');
    }
    this.#state = { address: null, problem: error };
  }
}
