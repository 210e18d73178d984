import { join } from 'node:path';
import type { Engine, EngineOptions, EngineResult } from '@masque-vpn/engine';
import type { HostResult } from '@masque-vpn/host';
import { fail, formatPrefix } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Clock } from './clock.js';
import type { Outcome } from './failure.js';
import { engineFailure, hostFailure } from './localFailure.js';
import type { ClientNetwork, ClientNetworkOptions } from './network/network.js';
import { checkCertificate } from './profile/certificate.js';
import { interfaceName, type Profile } from './profile/profile.js';
import { ProfileInUse } from './profile/profileInUse.js';
import { Backoff } from './reconnect/backoff.js';
import { Reconnection } from './reconnect/reconnection.js';
import { Renewal } from './renewal/renewal.js';
import type { ClientDirectories } from './state/directories.js';
import { instanceId } from './state/instance.js';
import { StatusBoard } from './status/board.js';
import { StatusSocket } from './status/socket.js';
import type { ClientStatus } from './status/status.js';
import { EventHub } from './transport/eventHub.js';
import type { Resolve } from './transport/resolve.js';
import { serverOf } from './transport/server.js';
import { ServerAddresses } from './transport/serverAddresses.js';
import { TunnelDevice } from './tunnel/device.js';
import { networksBehind } from './tunnel/policy.js';

/** Everything a client takes from the world around it. */
export interface ClientTools {
  readonly openEngine: (options: EngineOptions) => EngineResult<Engine>;
  readonly openNetwork: (
    options: Pick<ClientNetworkOptions, 'interfaceName' | 'journalPath'>,
  ) => Promise<HostResult<ClientNetwork>>;
  readonly resolve: Resolve;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly log: Logger;
}

export interface ClientOptions {
  readonly profile: Profile;
  /** The file that the profile is from, where its renewed credentials go; null renews nothing. */
  readonly profilePath: string | null;
  readonly directories: ClientDirectories;
  /** End with the first failure instead of trying again. */
  readonly once: boolean;
  /** Ends the client in order. */
  readonly signal: AbortSignal;
  /** Called once when the client begins, with what reads its status at any time until it ends. */
  readonly onStarted?: (status: () => ClientStatus) => void;
}

/**
 * Keeps a tunnel to the server of a profile open until `signal` aborts; the host is then as it was before.
 * Fails when trying again makes no sense, with the code of the failure that ended it.
 */
export async function runClient(options: ClientOptions, tools: ClientTools): Promise<Outcome<void>> {
  const { profile, directories } = options;
  const { clock, log } = tools;
  const certificate = checkCertificate(profile, clock.now());
  if (!certificate.ok) return certificate;
  const server = serverOf(profile);
  if (!server.ok) return server;
  const instance = await instanceId(directories.state, profile.client);
  if (!instance.ok) return instance;

  const hub = new EventHub();
  const opened = tools.openEngine({ onEvents: hub.deliver });
  if (!opened.ok) return fail(engineFailure(opened.error));
  await using engine = opened.value;
  hub.attach(engine);

  const name = interfaceName(profile);
  const facts = {
    client: profile.client,
    server: server.value.name,
    pid: process.pid,
    interface: name,
    advertised: [...profile.tunnel.advertise],
  };
  const status = new StatusBoard(facts, certificate.value.expiresAt, engine, clock);
  const socket = await StatusSocket.open(directories.runtime, profile.client, () => status.read());
  if (!socket.ok) return socket;
  await using _socket = socket.value;

  const networked = await tools.openNetwork({
    interfaceName: name,
    journalPath: join(directories.state, `${profile.client}.host-journal.json`),
  });
  if (!networked.ok) return fail(hostFailure(networked.error));
  await using network = networked.value;
  for (const line of network.recovered) log.warn(`left by a client that crashed, now undone: ${line}`);

  const behind = networksBehind(profile.tunnel).map(formatPrefix);
  const device = new TunnelDevice(engine, network, name, behind);
  hub.onTunLost(() => device.lost());
  // Before the server is asked: without an interface there is nothing to ask for.
  const interfaceOpened = device.ensureOpen();
  if (!interfaceOpened.ok) return interfaceOpened;

  options.onStarted?.(() => status.read());
  const inUse = new ProfileInUse(profile, options.profilePath, log);
  const addresses = new ServerAddresses(server.value.host, tools.resolve, () => device.applied !== null);
  const reconnection = new Reconnection(
    { ...tools, engine, hub, device, status, addresses, backoff: new Backoff(tools.random) },
    { profile: inUse, server: server.value, instance: instance.value, once: options.once },
  );
  const renewal = new Renewal({ ...tools, profile: inUse, server: server.value, addresses, status });
  const ended = new AbortController();
  const renewing = renewal
    .run(AbortSignal.any([options.signal, ended.signal]))
    // A bug there must not take the tunnel down: the certificate is good for weeks.
    .catch((error: unknown) => log.error({ err: error }, 'certificates are not renewed any more'));
  const outcome = await reconnection.run(options.signal);
  ended.abort();
  await renewing;
  status.enter('stopping');
  await device.clear();
  return outcome;
}
