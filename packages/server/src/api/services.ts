import type { Readable } from 'node:stream';
import type { Encoding } from '../metrics/scrape.js';
import type { ClientAdministration } from './clientAdministration.js';
import type { HealthModel } from './models/health.js';
import type { SessionModel } from './models/session.js';
import type { StatusModel } from './models/status.js';

/** What the routes call; everything they know of the server. */
export interface ApiServices {
  readonly clients: ClientAdministration;
  /** Open sessions, the oldest first. */
  readonly sessions: () => readonly SessionModel[];
  readonly status: () => StatusModel;
  readonly health: () => HealthModel;
  /** The exposition in text format 0.0.4; `scraper` is a Prometheus' name, null anybody else. */
  readonly scrape: (encoding: Encoding, scraper: string | null) => Promise<Readable>;
}
