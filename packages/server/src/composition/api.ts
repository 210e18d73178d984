import { join } from 'node:path';
import { ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import { AddressBudget } from '../api/addressBudget.js';
import { buildApp } from '../api/app.js';
import { Authentication } from '../api/authentication.js';
import { listenTcp, listenUnix, type ListenError } from '../api/listen.js';
import type { ApiServices } from '../api/services.js';
import { SharedPort, type TlsCertificate } from '../api/sharedPort.js';
import type { ServerConfig } from '../config/config.js';
import type { PresentedCertificate } from '../pki/presentation.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { Cleanup } from '../process/cleanup.js';
import type { Clock } from '../process/clock.js';

/** Where the API answers. */
export interface ApiAddresses {
  /** `host:port` over TCP, with TLS and without. */
  readonly apiAddress: string;
  /** Path of the Unix socket. */
  readonly adminSocket: string;
}

export interface OpenApiParts {
  readonly config: ServerConfig;
  readonly services: ApiServices;
  readonly credential: ServerCredential;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}

/** Serves the API over TCP and over the administration socket. */
export async function openApi(parts: OpenApiParts): Promise<Result<ApiAddresses, ListenError>> {
  const { config, services, credential, clock, logger, cleanup } = parts;
  const { sessions, tokens } = services.administration;
  const authentication = new Authentication({ sessions, tokens, budget: new AddressBudget(clock) });
  const adminSocket = join(config.server.runtimeDir, 'admin.sock');
  const local = buildApp({ services, authentication, logger, transport: 'socket' });
  cleanup.defer('administration socket', () => local.close());
  const onSocket = await listenUnix(local, adminSocket);
  if (!onSocket.ok) return onSocket;
  const tcp = buildApp({ services, authentication, logger, transport: 'tcp' });
  cleanup.defer('API', () => tcp.close());
  const port = new SharedPort(tcp.server, tlsCertificate(credential.administration.certificate));
  const renewals = credential.administration.subscribe((presented) =>
    port.setCertificate(tlsCertificate(presented)),
  );
  tcp.addHook('preClose', () => {
    renewals[Symbol.dispose]();
    port[Symbol.dispose]();
  });
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

/** Administrators compare fingerprints: they see the authority's certificate as well. */
function tlsCertificate({ fullChainPem, keyPem }: PresentedCertificate): TlsCertificate {
  return { chainPem: fullChainPem, keyPem };
}
