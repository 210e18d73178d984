import type { Logger } from 'pino';
import type { HostReach, NetworkError, NetworkResult, ServerNetwork } from '../network/network.js';
import type { Clock, Timer } from './clock.js';

export interface NetworkKeeperOptions {
  readonly open: () => Promise<NetworkResult<ServerNetwork>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The network could not be set up; once per outage and reason. A loss is the engine's news and counted there. */
  readonly onProblem: (problem: NetworkError) => void;
  readonly retryMs?: number;
}

export type NetworkState =
  | { readonly active: true; readonly network: ServerNetwork }
  | { readonly active: false; readonly problem: NetworkError };

const notOpenedYet: NetworkState = {
  active: false,
  problem: { code: 'TUN_FAILED', message: 'the tunnel interface is being opened' },
};

/** Keeps the TUN and everything around it up: tries again every few seconds, at the start and after a loss. */
export class NetworkKeeper {
  readonly #options: NetworkKeeperOptions;
  #state: NetworkState = notOpenedYet;
  #retry: Timer | null = null;
  #running: Promise<void> = Promise.resolve();
  #closed = false;
  /** Null: nobody said yet. */
  #reach: HostReach | null = null;
  #reachPending = false;

  constructor(options: NetworkKeeperOptions) {
    this.#options = options;
  }

  get state(): NetworkState {
    return this.#state;
  }

  /** The first attempt; resolves when it has succeeded or failed. */
  start(): Promise<void> {
    return this.#queue(() => this.#open());
  }

  /** The engine says that the TUN is gone. */
  lost(message: string): Promise<void> {
    return this.#queue(async () => {
      if (!this.#state.active) return;
      const { network } = this.#state;
      this.#note({ code: 'TUN_FAILED', message });
      await network.close();
      this.#retryLater();
    });
  }

  /** Repairs what somebody else changed on the host. */
  refresh(): Promise<void> {
    return this.#queue(async () => {
      if (!this.#state.active) return;
      const refreshed = await this.#state.network.refresh();
      if (!refreshed.ok)
        this.#options.logger.warn({ err: refreshed.error }, 'the host network was not repaired');
    });
  }

  /**
   * Clients are reached in another way: the host follows, at once or when it has a network again. Changes that come
   * while one is applied are applied as one.
   */
  setReach(reach: HostReach): void {
    this.#reach = reach;
    if (this.#reachPending) return;
    this.#reachPending = true;
    void this.#queue(async () => {
      this.#reachPending = false;
      if (this.#state.active) await this.#applyReach(this.#state.network);
    });
  }

  /** Forgets the tracked flows of an address (CIP-1306). */
  releaseAddress(address: string): void {
    if (!this.#state.active) return;
    this.#state.network.releaseAddress(address).catch((error: unknown) => {
      this.#options.logger.warn({ err: error, address }, 'tracked flows of an address were not forgotten');
    });
  }

  /** Undoes all changes of the host. */
  close(): Promise<void> {
    this.#closed = true;
    this.#retry?.cancel();
    return this.#queue(async () => {
      if (!this.#state.active) return;
      const closed = await this.#state.network.close();
      this.#state = notOpenedYet;
      if (!closed.ok) this.#options.logger.error({ err: closed.error }, 'the host network was not restored');
    });
  }

  async #open(): Promise<void> {
    if (this.#closed || this.#state.active) return;
    const opened = await this.#options.open();
    if (!opened.ok) {
      this.#fail(opened.error);
      this.#retryLater();
      return;
    }
    this.#state = { active: true, network: opened.value };
    if (this.#reach !== null) await this.#applyReach(opened.value);
    const { tun, warnings } = opened.value;
    this.#options.logger.info({ tun: tun.name, offloads: tun.offloads }, 'tunnel interface up');
    for (const warning of warnings) this.#options.logger.warn({ tun: tun.name }, warning);
  }

  async #applyReach(network: ServerNetwork): Promise<void> {
    if (this.#reach === null) return;
    const applied = await network.setReach(this.#reach);
    if (applied.ok) return;
    const { code: reason, message: detail } = applied.error;
    this.#options.logger.error(
      { reason, detail },
      'port forwards and networks behind clients were not set up',
    );
  }

  #fail(problem: NetworkError): void {
    const known = this.#state;
    const isNews = known.active || known === notOpenedYet || known.problem.code !== problem.code;
    this.#state = { active: false, problem };
    if (!isNews) return;
    this.#note(problem);
    this.#options.onProblem(problem);
  }

  #note(problem: NetworkError): void {
    this.#state = { active: false, problem };
    this.#options.logger.error({ reason: problem.code, detail: problem.message }, 'no tunnel interface');
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retry?.cancel();
    this.#retry = this.#options.clock.after(this.#options.retryMs ?? 5_000, () => {
      void this.#queue(() => this.#open());
    });
  }

  /** One thing at a time. */
  #queue(task: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(task).catch((error: unknown) => {
      this.#options.logger.error({ err: error }, 'the host network failed');
      this.#retryLater();
    });
    return this.#running;
  }
}
