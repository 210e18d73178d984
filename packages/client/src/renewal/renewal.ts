import type { Logger } from 'pino';
import { type Clock, pause } from '../clock.js';
import { checkCertificate } from '../profile/certificate.js';
import type { ProfileInUse } from '../profile/profileInUse.js';
import type { Profile } from '../profile/profile.js';
import type { ExchangeFailure, ExchangeOutcome } from '../publicPort/portFailure.js';
import type { StatusBoard } from '../status/board.js';
import type { Server } from '../transport/server.js';
import type { ServerAddresses } from '../transport/serverAddresses.js';
import { renewProfile } from './renewProfile.js';
import { type CertificateLife, overdueDelayMs, renewalTime, retryDelayMs } from './schedule.js';

export interface RenewalTools {
  readonly profile: ProfileInUse;
  readonly server: Server;
  readonly addresses: ServerAddresses;
  readonly status: Pick<StatusBoard, 'certificate'>;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly log: Logger;
}

/** The longest wait at one go: timers do not count while a machine sleeps, and its clock may be set. */
const longestWaitMs = 900_000;

/**
 * Keeps the certificate of a running client fresh. It asks the server's public address, which no tunnel carries; the
 * session goes on, the next connection uses what came.
 */
export class Renewal {
  #failures = 0;
  readonly #tools: RenewalTools;

  constructor(tools: RenewalTools) {
    this.#tools = tools;
  }

  /** Runs until `signal` aborts. Failures are shown in the status and repeated. */
  async run(signal: AbortSignal): Promise<void> {
    const { profile, clock, random } = this.#tools;
    if (profile.path === null) return;
    let life = lifeOf(profile.current);
    let due = this.#plan(life);
    if (due <= clock.now()) due = clock.now() + overdueDelayMs(life, clock.now(), random());
    this.#show(life, due, null);
    while (await this.#reached(due, signal)) {
      const failure = (await profile.refresh()) ? null : await this.#renew(profile.path, signal);
      if (signal.aborted) return;
      life = lifeOf(profile.current);
      if (failure === null) {
        this.#failures = 0;
        due = this.#plan(life);
      } else {
        this.#failures += 1;
        due = clock.now() + retryDelayMs(this.#failures, life, clock.now(), random(), failure.retryAfterMs);
      }
      this.#show(life, due, failure);
    }
  }

  #plan(life: CertificateLife): number {
    return renewalTime(life, this.#tools.random());
  }

  async #reached(due: number, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#tools;
    for (let left = due - clock.now(); left > 0; left = due - clock.now()) {
      if (!(await pause(clock, Math.min(left, longestWaitMs), signal))) return false;
    }
    return !signal.aborted;
  }

  /** One attempt; returns why it failed. */
  async #renew(path: string, signal: AbortSignal): Promise<ExchangeFailure | null> {
    const { profile, clock, log } = this.#tools;
    const outcome = await this.#ask(path, signal);
    if (signal.aborted) return null;
    if (outcome.ok) {
      profile.adopt(outcome.value);
      const { expiresAt } = lifeOf(outcome.value);
      log.info({ notAfter: new Date(expiresAt).toISOString() }, 'the certificate is renewed');
      return null;
    }
    const left = lifeOf(profile.current).expiresAt - clock.now();
    const days = Math.max(0, Math.floor(left / 86_400_000));
    const rest =
      left <= 0 ? 'has expired' : days === 0 ? 'ends within a day' : `is good for ${days} more days`;
    log.warn(
      { reason: outcome.error.code },
      `the certificate could not be renewed, and ${rest}: ${outcome.error.message}`,
    );
    return outcome.error;
  }

  async #ask(path: string, signal: AbortSignal): Promise<ExchangeOutcome<Profile>> {
    const { profile, server, addresses, clock } = this.#tools;
    const usable = checkCertificate(profile.current, clock.now());
    if (!usable.ok) return { ok: false, error: { ...usable.error, status: null } };
    const found = await addresses.current();
    if (!found.ok) return { ok: false, error: { ...found.error, status: null } };
    const port = { host: server.certificateName, port: server.port, addresses: found.value };
    return renewProfile(path, profile.current, port, clock, signal);
  }

  #show({ expiresAt }: CertificateLife, renewsAtMs: number, failure: ExchangeFailure | null): void {
    const { status, clock } = this.#tools;
    const renewalError =
      failure === null ? null : { code: failure.code, message: failure.message, atMs: clock.now() };
    status.certificate({ expiresAtMs: expiresAt, renewsAtMs, renewalError });
  }
}

/** A certificate that cannot be read has no life left. */
function lifeOf(profile: Profile): CertificateLife {
  const checked = checkCertificate(profile, null);
  return checked.ok ? checked.value : { validFrom: 0, expiresAt: 0 };
}
