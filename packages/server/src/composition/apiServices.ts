import { composeAdministration } from '../administration/administration.js';
import { AddressAdministration } from '../api/addressAdministration.js';
import { checksModel } from '../api/checksModel.js';
import { ClientAdministration } from '../api/clientAdministration.js';
import type { ConfigurationModel } from '../api/models/configuration.js';
import type { HealthModel } from '../api/models.js';
import { Diagnoses } from '../api/diagnoses.js';
import { Idempotency } from '../api/idempotency.js';
import { SessionAdministration } from '../api/sessionAdministration.js';
import { throughputModel } from '../api/throughputModel.js';
import { WebhookAdministration } from '../api/webhookAdministration.js';
import type { ApiServices } from '../api/services.js';
import type { EffectiveConfiguration } from '../config/effective.js';
import { Scraper } from '../metrics/scrape.js';
import { backupContent } from '../store/backup/backup.js';
import { composeCredentialApi, type CredentialParts } from './credentialApi.js';
import { composeCollector } from './diagnosis.js';
import { composePeople } from './people.js';
import { tunnelUrl } from './names.js';
import { composePolicyApi } from './policyApi.js';
import { statusOf } from './status.js';
import type { ApiParts } from './apiParts.js';

/** A rendering per this time at most; scrapes that come sooner share one. */
const scrapeIntervalMs = 100;

/** What the API shows of the composed server. */
export function apiServices(parts: ApiParts & CredentialParts): ApiServices {
  const { config, domain, directory, credential, store, names, udpAddress, clock } = parts;
  const scrapes = new Scraper(domain.metrics, clock, scrapeIntervalMs);
  const started = { atMs: Math.trunc(clock.now()), monotonic: clock.monotonic() };
  const { care, sessions, metrics } = domain;
  const clients = new ClientAdministration({
    ...care,
    directory,
    pools: parts.pools,
    endpoint: (host) => ({
      caPem: credential.trust.anchorsPem,
      url: tunnelUrl(host ?? names.publicHost, udpAddress, config.server.path),
      addressHints: names.addresses,
    }),
  });
  const people = composePeople(parts);
  const { sessionIdleMs: idleMs, sessionAbsoluteMs: absoluteMs } = config.api;
  return {
    site: parts.site,
    metricsToken: parts.secrets.metricsToken,
    idempotency: new Idempotency({ store, server: parts.serverId, clock }),
    administration: composeAdministration({
      ...parts,
      limits: { idleMs, absoluteMs },
      oidc: people?.oidc ?? null,
    }),
    devices: people?.devices ?? null,
    clients,
    sessions: new SessionAdministration({
      table: sessions.table,
      metrics,
      history: store.sessionHistory,
      servers: store.servers,
      server: parts.serverId,
      directory,
      disconnection: care.disconnection,
    }),
    addresses: new AddressAdministration(parts),
    ...composeCredentialApi(parts),
    ...composePolicyApi(parts),
    settings: parts.settings,
    audit: store.audit,
    events: parts.events,
    logs: parts.logs,
    webhooks: new WebhookAdministration(parts.webhooks, store.webhooks),
    configuration: () => configurationModel(parts.effective),
    backup: async (actor) => {
      const now = Math.trunc(clock.now());
      const entry = { actor, action: 'server.backup', targetKind: 'server', target: 'database', now };
      await store.audit.insert(entry);
      return backupContent(() => store.snapshot(), { now, version: parts.version });
    },
    status: () => statusOf(parts, started),
    checks: async () => checksModel(await parts.checks.run(), clock.now()),
    throughput: (range) => throughputModel(parts.observation.throughput, range),
    diagnosis: new Diagnoses({ directory, collector: composeCollector(parts) }),
    health: () => healthOf(parts),
    scrape: (encoding, scraper) => scrapes.scrape(encoding, scraper),
  };
}

function configurationModel({ file, sections }: EffectiveConfiguration): ConfigurationModel {
  return {
    file,
    sections: sections.map(({ name, description, settings }) => ({
      name,
      description,
      settings: settings.map(({ value, ...setting }) => ({
        ...setting,
        value: typeof value === 'object' ? [...value] : value,
      })),
    })),
  };
}

function healthOf({ network, store }: ApiParts): HealthModel {
  const problems = [
    ...(network.state.active ? [] : [network.state.problem.code]),
    ...(store.available ? [] : ['STORE_UNAVAILABLE']),
  ];
  return { status: problems.length === 0 ? 'ok' : 'degraded', problems };
}
