import type { Host } from '@masque-vpn/host';
import type { ResolveName } from '../admission/nameResolution.js';
import type { Arrivals } from '../checks/arrivals.js';
import { Checks } from '../checks/checks.js';
import type { ApiParts } from './apiParts.js';
import { networkSettings } from './networkSettings.js';

export interface CheckParts extends Pick<
  ApiParts,
  'config' | 'pools' | 'network' | 'domain' | 'names' | 'udpAddress' | 'clock'
> {
  readonly host: Host;
  readonly arrivals: Arrivals;
  readonly resolveName: ResolveName;
  /** Why the public TCP port is not open; null: it is, or is not wanted. */
  readonly frontProblem: () => { readonly code: string; readonly message: string } | null;
}

/** The checks of the first ten minutes. */
export function composeChecks(parts: CheckParts): Checks {
  const { config, udpAddress, names, clock } = parts;
  const end = udpAddress.lastIndexOf(':');
  return new Checks({
    host: parts.host,
    network: parts.network,
    settings: networkSettings(config, parts.pools),
    metrics: parts.domain.metrics,
    arrivals: parts.arrivals,
    resolveName: parts.resolveName,
    listenAddress: udpAddress.slice(0, end).replace(/^\[(.*)\]$/, '$1'),
    port: Number(udpAddress.slice(end + 1)),
    publicHost: names.publicHost,
    frontProblem: parts.frontProblem,
    startedAtMs: Math.trunc(clock.now()),
  });
}
