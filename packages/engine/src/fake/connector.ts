import type { ConnectorOptions, EngineResult, TransportOptions } from '../engine.js';
import { ConnectionEnd } from './connection.js';
import type { Core } from './core.js';
import { failed } from './failure.js';
import type { FakeSettings, Hello } from './listener.js';
import { judgeChain, namesServer, readAnchors, readCertificate } from './trust.js';
import { formatUdpAddress, parseUdpAddress } from './udpAddress.js';

/** What happens to a connection that was started. */
export interface ConnectorHooks {
  readonly onConnected: (connection: ConnectionEnd, settings: FakeSettings) => void;
  readonly onEnded: (connection: ConnectionEnd) => void;
}

/**
 * Starts a connection from `host`.
 * Fails with ENGINE_INVALID_ARGUMENT or ENGINE_INVALID_CERTIFICATE.
 */
export function dial(
  core: Core,
  host: string,
  options: ConnectorOptions,
  hooks: ConnectorHooks,
): EngineResult<ConnectionEnd> {
  const remote = parseUdpAddress(options.remoteAddress);
  if (remote === null || remote.port === 0)
    return failed('ENGINE_INVALID_ARGUMENT', `no UDP address: ${options.remoteAddress}`);
  const transport = judgeTransport(options.transport);
  if (!transport.ok) return transport;
  const anchors = readAnchors(options.anchorsPem);
  if (!anchors.ok) return anchors;
  if (anchors.value.length === 0) return failed('ENGINE_INVALID_CERTIFICATE', 'no trust anchor');
  const chain = options.certificate === null ? null : readCertificate(options.certificate);
  if (chain?.ok === false) return chain;
  const from = remote.host.includes(':') ? '::1' : host;
  const localAddress = formatUdpAddress({ host: from, port: core.network.freePort() });
  const connection = new ConnectionEnd(core, {
    role: 'client',
    localAddress,
    remoteAddress: options.remoteAddress,
    transport: options.transport,
    peerLimits: options.peerLimits,
    clientChain: null,
    unauthenticatedMs: null,
    takesRequests: () => false,
    onEnded: hooks.onEnded,
  });
  const hello: Hello = {
    connection,
    chain: chain?.value ?? null,
    judgeServer: (server) =>
      judgeChain(server, anchors.value, 'server', core.clock.now()) ??
      (namesServer(server.leaf, options.serverName) ? null : 'bad_certificate'),
    onConnected: (server, settings) => {
      if (connection.state !== 'handshaking' || core.stopped) return;
      connection.establish(server);
      hooks.onConnected(connection, settings);
    },
  };
  core.network.dial({ from: localAddress, to: options.remoteAddress, hello });
  return { ok: true, value: connection };
}

/** The border's range for the idle timeout (RFC 9000 §10.1). */
export function judgeTransport({ idleTimeoutMs }: TransportOptions): EngineResult<void> {
  return idleTimeoutMs >= 1_000 && idleTimeoutMs <= 600_000
    ? { ok: true, value: undefined }
    : failed('ENGINE_INVALID_ARGUMENT', `idle timeout out of range: ${idleTimeoutMs} ms`);
}
