import { fail, ok, type Result } from '@masque-vpn/protocol';
import { clientNotFound } from '../clients/clientFailure.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { Clock } from '../process/clock.js';
import type { DiagnosisModel } from './models/diagnosis.js';
import type { ApiFailure } from './problem.js';

export interface DiagnosesOptions {
  readonly directory: Pick<ClientDirectory, 'findBySlug'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** What keeps clients from connecting, or slows them, as the API shows it. */
export class Diagnoses {
  readonly #options: DiagnosesOptions;

  constructor(options: DiagnosesOptions) {
    this.#options = options;
  }

  /** Code: CLIENT_NOT_FOUND. */
  of(id: string): Result<DiagnosisModel, ApiFailure> {
    const { directory, clock } = this.#options;
    if (directory.findBySlug(id) === null)
      return fail({ code: 'CLIENT_NOT_FOUND', message: clientNotFound(id).error.message });
    const parts = { severity: 'ok' as const, facts: {}, remedy: null };
    return ok({
      clientId: id,
      atMs: Math.trunc(clock.now()),
      connected: false,
      connection: [
        { code: 'NOTHING_IN_THE_WAY', ...parts, message: 'nothing that this server knows stands in its way' },
      ],
      speed: [
        {
          code: 'CLIENT_NOT_CONNECTED',
          ...parts,
          message: 'it is not connected: there is nothing to measure',
        },
      ],
    });
  }
}
