import { fail, ok, type Result } from '@masque-vpn/protocol';
import { clientNotFound } from '../clients/clientFailure.js';
import type { ClientDirectory } from '../clients/directory.js';
import type { Collector } from '../diagnosis/collector.js';
import { diagnoseConnection } from '../diagnosis/connection.js';
import { diagnoseSpeed } from '../diagnosis/speed.js';
import { findingModel } from './findingModel.js';
import type { DiagnosisModel } from './models/diagnosis.js';
import type { ApiFailure } from './problem.js';

export interface DiagnosesOptions {
  readonly directory: Pick<ClientDirectory, 'findBySlug'>;
  readonly collector: Pick<Collector, 'connection' | 'speed'>;
}

/** What keeps clients from connecting, or slows them, as the API shows it. */
export class Diagnoses {
  readonly #options: DiagnosesOptions;

  constructor(options: DiagnosesOptions) {
    this.#options = options;
  }

  /** Code: CLIENT_NOT_FOUND. */
  async of(id: string): Promise<Result<DiagnosisModel, ApiFailure>> {
    const { directory, collector } = this.#options;
    const client = directory.findBySlug(id);
    if (client === null) return fail({ code: 'CLIENT_NOT_FOUND', message: clientNotFound(id).error.message });
    const [connection, speed] = await Promise.all([collector.connection(client), collector.speed(client)]);
    return ok({
      clientId: id,
      atMs: connection.nowMs,
      connected: connection.ownSessions.open > 0,
      connection: diagnoseConnection(connection).map(findingModel),
      speed: diagnoseSpeed(speed).map(findingModel),
    });
  }
}
