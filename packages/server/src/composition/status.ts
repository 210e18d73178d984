import type { StatusModel } from '../api/models.js';
import { openFiles } from '../load/openFiles.js';
import type { ApiParts } from './apiParts.js';

/** Answer of `GET /api/v1/status`. */
export function statusOf(
  parts: ApiParts,
  started: { readonly atMs: number; readonly monotonic: number },
): StatusModel {
  const { config, version, domain, directory, authorities, credential, network, udpAddress, clock } = parts;
  const { state } = network;
  const now = Math.trunc(clock.now());
  const { eventLoop, store, workersBusy } = parts.observation.load.read();
  return {
    version,
    startedAtMs: started.atMs,
    uptimeSeconds: (clock.monotonic() - started.monotonic) / 1000,
    udpAddress,
    publicHost: parts.names.publicHost,
    caSha256: authorities.issuing.sha256,
    tun: {
      active: state.active,
      name: config.tunnel.name,
      mtu: config.tunnel.mtu,
      problem: state.active ? null : { code: state.problem.code, message: state.problem.message },
      warnings: state.active ? [...state.network.warnings] : [],
    },
    store: {
      available: parts.store.available,
      kind: config.store.kind,
      ...store,
      failures: domain.metrics.registry.family('storeErrors').get(),
    },
    certificates: {
      authorityNotAfterMs: authorities.issuing.notAfter,
      serverNotAfterMs: credential.notAfter,
      nextClientNotAfterMs: directory.soonestExpiry(now),
    },
    eventLoop,
    workers: { busyShare: workersBusy },
    process: processFigures(),
    clients: directory.counts(),
    sessions: { open: domain.metrics.activeConnections, total: domain.metrics.totalConnections },
    pool: poolFigures(parts, now),
  };
}

function processFigures(): StatusModel['process'] {
  const { open, most } = openFiles();
  return { residentBytes: process.memoryUsage.rss(), openFiles: open, mostFiles: most };
}

function poolFigures({ pools }: ApiParts, now: number): StatusModel['pool'] {
  pools.expire(now);
  const { ipv4, ipv6 } = pools.usage();
  return {
    ipv4: { total: ipv4.total, used: ipv4.used, available: ipv4.available },
    ipv6: { used: ipv6.used },
  };
}
