import type { Logger } from 'pino';
import { type Clock, pause } from '../clock.js';
import type { ClientFailure, Outcome } from '../failure.js';
import { checkCertificate } from '../profile/certificate.js';
import type { ProfileInUse } from '../profile/profileInUse.js';
import { type ConnectionTools, openConnection } from '../transport/connection.js';
import type { Server } from '../transport/server.js';
import type { ServerAddresses } from '../transport/serverAddresses.js';
import { connectionTarget } from '../transport/target.js';
import { Tunnel, type TunnelEnd, type TunnelTools } from '../tunnel/tunnel.js';
import type { Backoff } from './backoff.js';

export interface ReconnectionTools extends ConnectionTools, TunnelTools {
  readonly clock: Clock;
  readonly log: Logger;
  readonly addresses: ServerAddresses;
  readonly backoff: Backoff;
}

export interface ReconnectionOptions {
  readonly profile: ProfileInUse;
  readonly server: Server;
  readonly instance: string;
  readonly once: boolean;
}

/**
 * How long addresses and routes stay after a loss, milliseconds: enough for a server to restart with inner
 * connections surviving it, short enough that nobody sits before a black hole for long (CIP-1305).
 */
const graceMs = 20_000;

/** Opens tunnel after tunnel, until it is asked to stop or trying again makes no sense. */
export class Reconnection {
  #grace: Disposable | null = null;
  readonly #tools: ReconnectionTools;
  readonly #options: ReconnectionOptions;

  constructor(tools: ReconnectionTools, options: ReconnectionOptions) {
    this.#tools = tools;
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<Outcome<void>> {
    const { backoff, status, clock, log } = this.#tools;
    try {
      for (;;) {
        status.enter('connecting');
        const { failure, upForMs } = await this.#attempt(signal);
        if (failure === null) return { ok: true, value: undefined };
        backoff.ended(upForMs);
        const waitMs = this.#options.once ? null : backoff.next(failure.retry, failure.retryAfterMs);
        status.failed(failure, backoff.attempts);
        if (waitMs === null) return { ok: false, error: failure };
        await this.#keepOrClear(failure, upForMs);
        status.enter('waiting');
        log.warn(
          { reason: failure.code, waitMs, attempts: backoff.attempts },
          `${failure.message} ${next(waitMs)}`,
        );
        if (!(await pause(clock, waitMs, signal))) return { ok: true, value: undefined };
      }
    } finally {
      this.#endGrace();
    }
  }

  async #attempt(signal: AbortSignal): Promise<TunnelEnd> {
    const { server, profile } = this.#options;
    const { clock, log } = this.#tools;
    const never = (failure: ClientFailure | null): TunnelEnd => ({ failure, upForMs: 0 });
    const opened = this.#tools.device.ensureOpen();
    if (!opened.ok) return never(opened.error);
    await profile.refresh();
    const certificate = checkCertificate(profile.current, clock.now());
    // Nothing here helps but a new profile in the same file.
    if (!certificate.ok) return never({ ...certificate.error, retry: 'slowly' });
    const addresses = await this.#tools.addresses.current();
    if (!addresses.ok) return never(addresses.error);
    const target = connectionTarget(profile.current, server, addresses.value);
    log.debug({ addresses: addresses.value, port: server.port }, `connecting to ${server.name}`);
    const connecting = openConnection(this.#tools, target, signal);
    this.#tools.device.lookAhead();
    const connected = await connecting;
    if (connected === null) return never(null);
    if (!connected.ok) return never(connected.error);
    using connection = connected.value;
    const tunnel = new Tunnel(this.#tools, connection, {
      ...this.#options,
      profile: profile.current,
      serverAddresses: addresses.value,
      onUp: () => this.#endGrace(),
    });
    return await tunnel.run(signal);
  }

  /** Gives a lost tunnel time to come back as it was; one that is refused will not. */
  async #keepOrClear(failure: ClientFailure, upForMs: number): Promise<void> {
    if (this.#tools.device.applied === null) return;
    if (failure.retry === 'slowly') {
      this.#endGrace();
      await this.#clear();
    } else if (upForMs > 0) {
      this.#endGrace();
      this.#grace = this.#tools.clock.after(graceMs, () => void this.#clear());
    }
  }

  async #clear(): Promise<void> {
    const { device, status, log } = this.#tools;
    const cleared = await device.clear();
    status.tunnel([], [], null);
    if (cleared.ok) log.warn('the tunnel’s routes are removed: traffic takes the way it took before');
    else log.error({ reason: cleared.error.code }, cleared.error.message);
  }

  #endGrace(): void {
    this.#grace?.[Symbol.dispose]();
    this.#grace = null;
  }
}

function next(waitMs: number): string {
  return waitMs < 1000 ? 'Trying again.' : `Trying again in ${Math.round(waitMs / 1000)} s.`;
}
