import { isAbsolute } from 'node:path';
import { formatAddress, parseAddress, parsePathTemplate } from '@masque-vpn/protocol';
import { resolveAcme } from './acme.js';
import type { ListenAddress, ServerConfig } from './config.js';
import { defaultRuntimeDir, defaultStateDir, type ConfigEnvironment } from './environment.js';
import { parseListenAddress } from './listenAddress.js';
import { resolveOidc } from './oidc.js';
import type { KeyPath } from './positions.js';
import { parsePools, parsePrefixList } from './prefixList.js';
import type { ProblemCollector } from './problemCollector.js';
import type { ServerToml } from './schema.js';
import { storeChoice } from './storeChoice.js';

/** IPv6 needs links of this MTU (RFC 8200 §5). */
const IPV6_MINIMUM_MTU = 1_280;

/**
 * Checks what the schema cannot, reports it to the collector, and returns the configuration; of use only if nothing
 * was reported.
 */
export function resolveConfig(
  toml: ServerToml,
  collector: ProblemCollector,
  environment: ConfigEnvironment,
): ServerConfig {
  const { server, tunnel, pool, network, sessions } = toml;
  const stateDir =
    absolutePath(server.state_dir, ['server', 'state_dir'], collector) ?? defaultStateDir(environment);
  const ipv4 = parsePools(pool.ipv4, 4, ['pool', 'ipv4'], collector);
  const ipv6 = parsePools(pool.ipv6, 6, ['pool', 'ipv6'], collector);
  if (pool.ipv4.length === 0 && pool.ipv6.length === 0) {
    const suggestion = 'Leave one of them out for the default, or write a prefix.';
    const message = 'pool.ipv4 and pool.ipv6 are both empty: clients get no address';
    collector.report({ code: 'CONFIG_POOL_MISSING', path: ['pool'], atKey: true, message, suggestion });
  }
  checkPath(server.path, collector);
  checkTunnelName(tunnel.name, collector);
  if (pool.ipv6.length > 0 && tunnel.mtu < IPV6_MINIMUM_MTU) {
    collector.report({
      code: 'CONFIG_MTU_TOO_SMALL',
      path: ['tunnel', 'mtu'],
      message: `IPv6 needs an MTU of at least ${IPV6_MINIMUM_MTU} (RFC 8200 section 5), not ${tunnel.mtu}`,
      suggestion: `Write ${IPV6_MINIMUM_MTU} or more; or write ipv6 = [] below [pool].`,
    });
  }
  const host = publicHost(server.host, collector);
  const own = ownCertificate(server, collector);
  const surroundings = { host, hasOwnCertificate: own !== null, hasFront: toml.front.enabled };
  const acme = resolveAcme(toml.acme, surroundings, collector);
  if (server.tunnel_certificate === 'own' && own === null && toml.acme.domains.length === 0) {
    collector.report({
      code: 'CONFIG_BAD_VALUE',
      path: ['server', 'tunnel_certificate'],
      message: 'server.tunnel_certificate is "own", but there is no certificate of your own',
      suggestion: 'Name its files in server.certificate and server.key, or leave it out.',
    });
  }
  return {
    server: {
      listen: listenAddress(server.listen, ['server', 'listen'], collector),
      host: host ?? acme?.domains[0] ?? null,
      path: server.path,
      stateDir,
      runtimeDir:
        absolutePath(server.runtime_dir, ['server', 'runtime_dir'], collector) ??
        defaultRuntimeDir(environment, stateDir),
      ownCertificate: own,
      tunnelCertificate: server.tunnel_certificate,
    },
    front: toml.front,
    acme,
    pki: {
      keyFile: absolutePath(toml.pki.key_file, ['pki', 'key_file'], collector),
      clientValidityMs: toml.pki.client_days * 86_400_000,
    },
    auth: { clientTokens: toml.auth.client_tokens },
    store: storeChoice(toml.store, environment, collector),
    tunnel: {
      ...{ name: tunnel.name, mtu: tunnel.mtu, offload: tunnel.offload },
      congestionControl: tunnel.congestion_control,
      workers: tunnel.workers === 0 ? null : tunnel.workers,
    },
    pool: { ipv4, ipv6, quarantineMs: pool.quarantine_seconds * 1_000 },
    routes: {
      advertise: parsePrefixList(toml.routes.advertise, ['routes', 'advertise'], collector).map(
        ({ prefix }) => prefix,
      ),
    },
    network: { manage: network.manage, nat: network.nat, hostAccess: network.host_access },
    sessions: {
      idleTimeoutMs: sessions.idle_timeout_seconds * 1_000,
      perClient: sessions.per_client,
      perConnection: sessions.per_connection,
      max: sessions.max,
      drainMs: sessions.drain_seconds * 1_000,
    },
    api: {
      listen: listenAddress(toml.api.listen, ['api', 'listen'], collector),
      sessionIdleMs: toml.api.session_idle_minutes * 60_000,
      sessionAbsoluteMs: toml.api.session_hours * 3_600_000,
    },
    oidc: resolveOidc(toml.oidc, collector),
    metrics: {
      perClient: toml.metrics.per_client,
      clientCeiling: toml.metrics.client_ceiling,
      retentionMs: toml.metrics.retention_minutes * 60_000,
      tokenFile: absolutePath(toml.metrics.token_file, ['metrics', 'token_file'], collector),
    },
    history: { sessionsMs: toml.store.history_days * 86_400_000 },
    webhooks: { allowPrivate: toml.webhooks.allow_private },
    log: toml.log,
  };
}

/** Both files or none. */
function ownCertificate(
  server: ServerToml['server'],
  collector: ProblemCollector,
): ServerConfig['server']['ownCertificate'] {
  const certificate = absolutePath(server.certificate, ['server', 'certificate'], collector);
  const key = absolutePath(server.key, ['server', 'key'], collector);
  if (certificate !== null && key !== null) return { certificate, key };
  if (server.certificate === '' && server.key === '') return null;
  if (server.certificate === '' || server.key === '') {
    const [present, missing] = server.key === '' ? ['certificate', 'key'] : ['key', 'certificate'];
    collector.report({
      code: 'CONFIG_BAD_VALUE',
      path: ['server', present],
      message: `server.${present} is of no use without server.${missing}`,
      suggestion: `Name the file in server.${missing} as well, or leave both out.`,
    });
  }
  return null;
}

/** Null: empty, or wrong and reported. */
function absolutePath(text: string, path: KeyPath, collector: ProblemCollector): string | null {
  if (text === '') return null;
  if (isAbsolute(text)) return text;
  const message = `"${text}" depends on where the server is started`;
  const suggestion = 'Write a path that begins with a slash.';
  collector.report({ code: 'CONFIG_BAD_VALUE', path, message, suggestion });
  return null;
}

function listenAddress(text: string, path: KeyPath, collector: ProblemCollector): ListenAddress {
  const parsed = parseListenAddress(text);
  if (parsed.ok) return parsed.value;
  const { message, suggestion } = parsed;
  collector.report({ code: 'CONFIG_BAD_ADDRESS', path, message, suggestion });
  return { address: '::', port: 0, text: '[::]:0' };
}

/** A DNS name or an address without brackets; null: the machine's own choice. */
function publicHost(text: string, collector: ProblemCollector): string | null {
  if (text === '') return null;
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const address = parseAddress(bare);
  if (address.ok) return formatAddress(address.value);
  if (/^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/i.test(text)) return text.toLowerCase();
  const name = /^(?:[a-z0-9+.-]+:\/\/)?([^/:]+)(?::[0-9]+)?(?:\/.*)?$/i.exec(text)?.[1];
  collector.report({
    code: 'CONFIG_BAD_ADDRESS',
    path: ['server', 'host'],
    message: `"${text}" is neither a DNS name nor an IP address`,
    suggestion: `Write only the name${name === undefined || name === text ? ', for example "vpn.example.org"' : `: "${name}"`}.`,
  });
  return null;
}

function checkPath(text: string, collector: ProblemCollector): void {
  const parsed = parsePathTemplate(text);
  if (parsed.ok) return;
  collector.report({
    code: 'CONFIG_BAD_TEMPLATE',
    path: ['server', 'path'],
    message: parsed.error.message,
    suggestion:
      'Write "/.well-known/masque/ip/{target}/{ipproto}/", or a path of your own that begins with a slash.',
  });
}

/** What the kernel takes as a name, less what it would complete (`%`) and what looks like an option. */
function checkTunnelName(name: string, collector: ProblemCollector): void {
  if (/^[a-zA-Z0-9_.][a-zA-Z0-9_.-]{0,14}$/.test(name) && name !== '.' && name !== '..') return;
  const cleaned = name
    .replaceAll(/[^a-zA-Z0-9_.-]/g, '')
    .replace(/^-+/, '')
    .slice(0, 15);
  collector.report({
    code: 'CONFIG_BAD_TUNNEL_NAME',
    path: ['tunnel', 'name'],
    message: `"${name}" cannot name an interface: 1 to 15 letters, digits, "_", "-" or "."`,
    suggestion: `Write "${cleaned === '' || /^\.*$/.test(cleaned) ? 'masque0' : cleaned}".`,
  });
}
