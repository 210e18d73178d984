import { join } from 'node:path';
import { ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import { AddressBudget } from '../api/addressBudget.js';
import { buildApp } from '../api/app.js';
import { Authentication } from '../api/authentication.js';
import { listenTcp, listenUnix, type ListenError } from '../api/listen.js';
import type { ApiServices } from '../api/services.js';
import type { ServerConfig } from '../config/config.js';
import type { Clock } from '../process/clock.js';
import type { Cleanup } from '../process/cleanup.js';

/** Where the API answers. */
export interface ApiAddresses {
  /** `host:port` over TCP. */
  readonly apiAddress: string;
  /** Path of the Unix socket. */
  readonly adminSocket: string;
}

/** Serves the API over TCP and over the administration socket. */
export async function openApi(
  config: ServerConfig,
  services: ApiServices,
  clock: Clock,
  logger: Logger,
  cleanup: Cleanup,
): Promise<Result<ApiAddresses, ListenError>> {
  const { sessions, tokens } = services.administration;
  const authentication = new Authentication({ sessions, tokens, budget: new AddressBudget(clock) });
  const adminSocket = join(config.server.runtimeDir, 'admin.sock');
  const local = buildApp({ services, authentication, logger, transport: 'socket' });
  cleanup.defer('administration socket', () => local.close());
  const onSocket = await listenUnix(local, adminSocket);
  if (!onSocket.ok) return onSocket;
  const tcp = buildApp({ services, authentication, logger, transport: 'tcp' });
  cleanup.defer('API', () => tcp.close());
  const apiAddress = await listenTcp(tcp, config.api.listen);
  if (!apiAddress.ok) return apiAddress;
  if (config.api.listen.address === '::' && !apiAddress.value.startsWith('[')) {
    logger.warn(
      { apiAddress: apiAddress.value },
      'this kernel has no IPv6: API and metrics listen on IPv4 only',
    );
  }
  return ok({ apiAddress: apiAddress.value, adminSocket });
}
