import { availableParallelism } from 'node:os';
import {
  mostWorkers,
  openEngine,
  type Engine,
  type EngineOptions,
  type EngineResult,
} from '@masque-vpn/engine';
import { linuxHost, type Host } from '@masque-vpn/host';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import { systemResolver, type ResolveName } from './admission/nameResolution.js';
import { Arrivals } from './checks/arrivals.js';
import { startAcme } from './composition/acme.js';
import { openApi } from './composition/api.js';
import { apiServices } from './composition/apiServices.js';
import { composeChecks } from './composition/checks.js';
import { startUpkeep } from './composition/chores.js';
import { composeDomain, dispatch, type Domain } from './composition/domain.js';
import { inviteFirstOwner } from './composition/firstOwner.js';
import { composeLive } from './composition/live.js';
import { openFront } from './composition/front.js';
import { layFoundation, type OpenStore, type ServerError } from './composition/foundation.js';
import { listenAdvice, listenerOptions } from './composition/listener.js';
import { networkSettings } from './composition/networkSettings.js';
import { composeObservation, observe } from './composition/observation.js';
import { PublicPlace } from './composition/publicPlace.js';
import { readyLines } from './composition/readyLines.js';
import { reload, type Reloaded } from './composition/reload.js';
import { readSecrets } from './composition/secretFiles.js';
import { drain } from './composition/shutdown.js';
import { clientTrust, followTrust } from './composition/transportTrust.js';
import { serverVersion } from './composition/version.js';
import { composeWebhooks } from './composition/webhooks.js';
import type { ServerConfig } from './config/config.js';
import {
  defaultRuntimeDir,
  defaultStateDir,
  findConfigFile,
  processEnvironment,
} from './config/environment.js';
import { defaultConfiguration, type EffectiveConfiguration } from './config/effective.js';
import { loadConfig, type ConfigOverrides } from './config/load.js';
import { formatProblems } from './config/problem.js';
import { LiveFeed } from './events/feed.js';
import { Certification } from './enrolments/certification.js';
import { ClientTokens } from './enrolments/clientTokens.js';
import { Enrolments } from './enrolments/enrolments.js';
import { LoopLag } from './metrics/loopLag.js';
import { Registry } from './metrics/registry.js';
import { storeTimes } from './metrics/storeTimes.js';
import { openServerNetwork } from './network/network.js';
import { Cleanup } from './process/cleanup.js';
import { systemClock, type Clock } from './process/clock.js';
import { LineBatch } from './process/lineBatch.js';
import { LogRing } from './process/logRing.js';
import { createLogger, type LogTarget } from './process/logging.js';
import { NetworkKeeper } from './process/networkKeeper.js';
import { openStore } from './store/store.js';
import { builtFolder, loadSite } from './web/loadSite.js';
import { serviceManager } from './process/serviceManager.js';

/** Everything `startServer` takes from outside; tests replace the last group. */
export interface ServerOptions {
  /** `--config`; absent: `/etc/masque-vpn/server.toml` if it exists, else defaults. */
  readonly configFile?: string;
  /** `--state-dir`, `--runtime-dir`: win over the file. */
  readonly stateDir?: string;
  readonly runtimeDir?: string;
  /** Lines for the person at the terminal; absent: none. */
  readonly print?: (line: string) => void;
  /** Whether what is printed is seen by a person and kept nowhere; absent: it may be kept, in a journal. */
  readonly terminal?: boolean;
  /** Where the log goes; absent: standard error. */
  readonly logTarget?: LogTarget;
  /** Environment variables; absent: those of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;

  /** Instead of a configuration file. */
  readonly config?: ServerConfig;
  readonly openEngine?: (options: EngineOptions) => EngineResult<Engine>;
  readonly openStore?: OpenStore;
  readonly host?: Host;
  readonly clock?: Clock;
  /** Resolves host names that requests are scoped to. */
  readonly resolveName?: ResolveName;
  /** Called with what decides, once it is put together. */
  readonly onComposed?: (domain: Domain) => void;
}

export interface RunningServer extends AsyncDisposable {
  /** Bound UDP address. */
  readonly udpAddress: string;
  /** Bound address of the API and metrics, `host:port`. */
  readonly apiAddress: string;
  /** Path of the administration socket. */
  readonly adminSocket: string;
  /** Reads again what needs no restart: the files of its certificate; never throws for what is wrong with them. */
  reload(): Promise<Reloaded>;
  /** Refuses new tunnels, ends the open ones (at most `drain_seconds`), undoes the host changes. Idempotent. */
  stop(): Promise<void>;
}

export type ServerResult = Result<RunningServer, ServerError>;

/** Composes and starts a server; the only place where its parts meet. Codes: see `docs/errors.md`. */
export async function startServer(options: ServerOptions): Promise<ServerResult> {
  const read = readConfig(options);
  if (!read.ok) return read;
  const { config, effective } = read.value;
  const logs = new LogRing();
  const cleanup = new Cleanup();
  const target = options.logTarget ?? batchedStandardError(cleanup);
  const logger = createLogger({ ...config.log, target, ring: logs });
  try {
    const started = await start({ config, effective, logs, options, logger, cleanup });
    if (!started.ok) await cleanup.run(logger);
    return started;
  } catch (error) {
    await cleanup.run(logger);
    throw error;
  }
}

/** Written together until the server has stopped, whatever time a test says it is; nothing is lost when the process ends. */
function batchedStandardError(cleanup: Cleanup): LogTarget {
  const lines = new LineBatch(process.stderr, systemClock());
  const flush = (): void => lines.flush();
  process.on('exit', flush);
  cleanup.defer('log', () => {
    process.off('exit', flush);
    lines[Symbol.dispose]();
  });
  return lines;
}

function readConfig(
  options: ServerOptions,
): Result<{ readonly config: ServerConfig; readonly effective: EffectiveConfiguration }, ServerError> {
  if (options.config !== undefined) return ok({ config: options.config, effective: defaultConfiguration() });
  const server = {
    ...(options.stateDir === undefined ? {} : { state_dir: options.stateDir }),
    ...(options.runtimeDir === undefined ? {} : { runtime_dir: options.runtimeDir }),
  };
  const overrides: ConfigOverrides = { server };
  const loaded = loadConfig(options.configFile ?? findConfigFile(), overrides);
  if (loaded.ok) return ok(loaded);
  return fail({
    code: loaded.problems[0]?.code ?? 'CONFIG_BAD_VALUE',
    message: formatProblems(loaded.problems),
  });
}

interface StartParts {
  readonly config: ServerConfig;
  readonly effective: EffectiveConfiguration;
  readonly logs: LogRing;
  readonly options: ServerOptions;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}

async function start({
  config,
  effective,
  logs,
  options,
  logger,
  cleanup,
}: StartParts): Promise<ServerResult> {
  const clock = options.clock ?? systemClock();
  const host = options.host ?? linuxHost();
  const environment = options.environment ?? process.env;
  const manager = serviceManager(environment, logger);
  const version = serverVersion();
  const registry = new Registry({ version, node: process.version });
  const foundation = await layFoundation({
    config,
    storeObserver: storeTimes(registry),
    openStore: options.openStore ?? openStore,
    host,
    environment,
    clock,
    logger,
    cleanup,
  });
  if (!foundation.ok) return foundation;
  const base = foundation.value;
  const secrets = await readSecrets(config);
  if (!secrets.ok) return secrets;

  const arrivals = new Arrivals(base.names.addresses);
  const opened = (options.openEngine ?? openEngine)({
    workers: config.tunnel.workers ?? Math.min(mostWorkers, availableParallelism()),
    onEvents: (events) => {
      arrivals.note(events);
      dispatch(events, domain, network, logger);
    },
  });
  if (!opened.ok) return opened;
  const engine = opened.value;
  cleanup.defer('engine', () => engine.close());
  const settings = networkSettings(config, base.pools);
  const network = new NetworkKeeper({
    open: () => openServerNetwork({ settings, engine, host, logger }),
    clock,
    logger,
    onProblem: () => domain.metrics.error('tun'),
  });
  const resolveName = options.resolveName ?? systemResolver(clock);
  const feed = new LiveFeed(clock);
  const hooks = await composeWebhooks({ ...base, config, version, clock, logger });
  if (!hooks.ok) return hooks;
  cleanup.defer('webhooks', () => hooks.value[Symbol.asyncDispose]());
  const place = new PublicPlace({ ...base, path: config.server.path });
  const enrolments = new Enrolments({ ...base, briefing: place, clock, logger });
  const domain = composeDomain({
    ...{ ...base, config, registry, engine, network, resolveName, feed, clock, logger },
    outbox: hooks.value.outbox,
    enrolments,
  });
  cleanup.defer('clients', () => domain.care[Symbol.dispose]());
  options.onComposed?.(domain);
  cleanup.defer('host network', () => network.close());
  await network.start();

  const listening = engine.listen(
    listenerOptions(config, clientTrust(base), base.credential.tunnel.certificate),
  );
  if (!listening.ok) {
    const { code } = listening.error;
    return fail({ code, message: listenAdvice(listening.error, config.server.listen.text) });
  }
  const udpAddress = listening.value.address;
  place.opened(udpAddress);
  const certification = new Certification({ ...base, briefing: place, feed, clock, logger });
  const front = await openFront({
    ...{ ...base, config, certification, udpAddress, clock, logger, cleanup },
  });
  followTrust({ ...base, engine, metrics: domain.metrics, clock, logger, cleanup });
  const live = composeLive({ ...base, feed, logs, metrics: domain.metrics, clock });
  cleanup.defer('events', () => live[Symbol.dispose]());
  const clientTokens = await ClientTokens.load({
    ...{ ...base, access: domain.care.access, enabled: config.auth.clientTokens, clock, logger },
  });
  cleanup.defer('tokens of clients', () => clientTokens[Symbol.dispose]());
  const observation = composeObservation(domain.metrics, clock);
  const services = apiServices({
    enrolments,
    clientTokens,
    ...{ ...base, config, effective, version, domain, network, host, udpAddress, logs, clock, logger },
    observation,
    checks: composeChecks({
      ...{ ...base, config, domain, network, host, resolveName, arrivals, udpAddress, clock },
      frontProblem: () => front?.keeper.state.problem ?? null,
    }),
    site: await loadSite(builtFolder()),
    secrets: secrets.value,
    events: live.streams,
    webhooks: hooks.value.webhooks,
  });
  const { credential } = base;
  const api = await openApi({ config, services, credential, clock, logger, cleanup });
  if (!api.ok) return api;
  const acme = startAcme({ ...base, config, front, clock, logger, cleanup });
  const upkeep = startUpkeep({
    ...base,
    acme,
    outbox: hooks.value.outbox,
    config,
    domain,
    front: front?.keeper ?? null,
    network,
    clock,
    logger,
  });
  observe(observation, upkeep);
  cleanup.defer('chores', () => upkeep.stop());
  // The lag of this process's event loop, whatever time a test says it is.
  const loopLag = new LoopLag(registry, systemClock());
  cleanup.defer('event-loop lag', () => loopLag[Symbol.dispose]());

  const addresses = { ...api.value, udpAddress };
  const { publicHost } = base.names;
  const isDefaultSocket = config.server.runtimeDir === usualRuntimeDir();
  const facts = {
    ...addresses,
    version,
    network: network.state,
    publicHost,
    caSha256: base.authorities.issuing.sha256,
    isDefaultSocket,
    front: front?.keeper.state ?? null,
    newMasterKey: base.masterKey.isNew ? base.masterKey.file : null,
  };
  const invitation = await inviteFirstOwner({
    ...{ links: services.administration.links, publicHost, apiAddress: addresses.apiAddress, logger },
    stateDir: config.server.stateDir,
    terminal: options.terminal ?? false,
  });
  const lines = [...readyLines(facts), ...invitation];
  for (const line of lines) options.print?.(line);
  logger.info({ version, ...addresses }, 'ready');
  manager.ready(`serving on UDP ${udpAddress}`);

  const shutDown = async (): Promise<void> => {
    manager.stopping();
    logger.info({ sessions: domain.sessions.table.size.placed }, 'stopping');
    engine.stopListening();
    await drain(domain, config.sessions.drainMs, clock);
    await cleanup.run(logger);
    logger.info('stopped');
  };
  const reloading = { credential, effective, readConfig: () => readConfig(options), logger };
  return ok(runningServer(addresses, () => reload(reloading), shutDown));
}

/** Where a server of this user without configuration has its socket. */
function usualRuntimeDir(): string {
  const environment = processEnvironment();
  return defaultRuntimeDir(environment, defaultStateDir(environment));
}

function runningServer(
  addresses: Pick<RunningServer, 'udpAddress' | 'apiAddress' | 'adminSocket'>,
  reloadAll: () => Promise<Reloaded>,
  shutDown: () => Promise<void>,
): RunningServer {
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopped ??= shutDown());
  return { ...addresses, reload: reloadAll, stop, [Symbol.asyncDispose]: stop };
}
