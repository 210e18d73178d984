import type { Readable } from 'node:stream';
import type { Encoding } from '../metrics/scrape.js';
import type { Administration } from '../administration/administration.js';
import type { ClientAdministration } from './clientAdministration.js';
import type { HealthModel } from './models/health.js';
import type { SessionAdministration } from './sessionAdministration.js';
import type { StatusModel } from './models/status.js';

/** What the routes call; everything they know of the server. */
export interface ApiServices {
  readonly administration: Administration;
  readonly clients: ClientAdministration;
  readonly sessions: SessionAdministration;
  readonly status: () => StatusModel;
  readonly health: () => HealthModel;
  /** The exposition in text format 0.0.4; `scraper` is a Prometheus' name, null anybody else. */
  readonly scrape: (encoding: Encoding, scraper: string | null) => Promise<Readable>;
}
