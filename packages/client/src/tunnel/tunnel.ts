import type { Engine, EngineEvent, SessionId } from '@masque-vpn/engine';
import {
  type ClientNotice,
  ClientSession,
  type ClientStep,
  type ClientTunnel,
  type DnsConfiguration,
  formatAddress,
  formatPrefix,
  formatRoute,
  HttpError,
  judgeResponse,
  type Prefix,
} from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { Clock } from '../clock.js';
import type { ClientFailure } from '../failure.js';
import { engineFailure } from '../localFailure.js';
import type { Profile } from '../profile/profile.js';
import type { StatusBoard } from '../status/board.js';
import type { Connection } from '../transport/connection.js';
import { connectionFailure } from '../transport/connectionFailure.js';
import { refusalFailure } from '../transport/refusal.js';
import { requestHeaders, type Server } from '../transport/server.js';
import type { TunnelDevice } from './device.js';
import { dnsSentence, dnsStatus } from './dns.js';
import { clientPolicy, networksBehind } from './policy.js';
import { abortFailure, sessionFailure } from './sessionFailure.js';

export interface TunnelTools {
  readonly engine: Engine;
  readonly device: TunnelDevice;
  readonly status: StatusBoard;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface TunnelOptions {
  readonly profile: Profile;
  readonly server: Server;
  readonly instance: string;
  /** Addresses of the server that stay outside the tunnel. */
  readonly serverAddresses: readonly string[];
  /** Called once when packets can flow. */
  readonly onUp: () => void;
}

/** How a tunnel ended; without a failure it was asked to. */
export interface TunnelEnd {
  readonly failure: ClientFailure | null;
  /** How long packets could flow, milliseconds; 0 when it never came up. */
  readonly upForMs: number;
}

/** Time for the server to answer the request, milliseconds. */
const responseMs = 10_000;
/** Time for the server to confirm an orderly end, milliseconds. */
const goodbyeMs = 1_000;
/**
 * Smallest MTU that a tunnel gets, whatever the path says: below, IPv4 may break; with less than 1280 the kernel takes
 * all of IPv6 away, while the engine searches the path anew or ends the session (CIP-1205, RFC 8200 §5).
 */
const smallestMtu = { ipv4: 576, ipv6: 1280 };

/** One CONNECT-IP session on a connection, from its request to its end. */
export class Tunnel {
  readonly #session: ClientSession;
  readonly #id: SessionId;
  readonly #behind: readonly Prefix[];
  readonly #responseDeadline: number;
  #answered = false;
  #pathMtu: number | null = null;
  #wanted: ClientTunnel | null = null;
  #upSince: number | null = null;
  readonly #tools: TunnelTools;
  readonly #connection: Connection;
  readonly #options: TunnelOptions;

  constructor(tools: TunnelTools, connection: Connection, options: TunnelOptions) {
    this.#tools = tools;
    this.#connection = connection;
    this.#options = options;

    const { engine, clock, status } = tools;
    this.#behind = networksBehind(options.profile.tunnel);
    this.#session = new ClientSession({
      policy: clientPolicy(options.profile.tunnel),
      advertise: this.#behind,
    });
    this.#responseDeadline = clock.monotonic() + responseMs;
    this.#id = engine.request(connection.id, requestHeaders(options.server, options.instance));
    status.follow(connection.id, connection.remoteAddress, this.#id);
  }

  /** Runs until the tunnel ends, or ends it in order when `signal` aborts (CIP-1304). */
  async run(signal: AbortSignal): Promise<TunnelEnd> {
    const { clock, status } = this.#tools;
    let failure: ClientFailure | null = null;
    for (;;) {
      const deadline = this.#answered ? this.#session.deadlineMs : this.#responseDeadline;
      const arrival = await this.#connection.events.next(clock, deadline, signal);
      if (arrival.kind === 'aborted') await this.#goodbye();
      else if (arrival.kind === 'deadline') failure = await this.#timeout();
      else failure = await this.#handle(arrival.event);
      if (failure !== null || arrival.kind === 'aborted') break;
    }
    this.#session.close();
    status.unfollow();
    this.#tools.engine.releaseSession(this.#id);
    return { failure, upForMs: this.#upSince === null ? 0 : clock.monotonic() - this.#upSince };
  }

  async #handle(event: EngineEvent): Promise<ClientFailure | null> {
    if (event.type === 'tunLost') return this.#tunLost(event.error.message);
    if (event.type === 'flows') return null;
    if (event.connectionId !== this.#connection.id) return null;
    switch (event.type) {
      case 'response':
        return this.#judge(event);
      case 'capsules':
        return this.#carryOut(this.#session.receive(event.capsules, this.#tools.clock.monotonic()));
      case 'mtuChanged':
        this.#pathMtu = event.tunnelMtu;
        return this.#wanted === null ? null : this.#apply(this.#wanted);
      case 'sessionClosed':
        // The connection's own last event, which comes next, says more.
        return event.cause === 'connectionClosed' ? null : sessionFailure(event, this.#serverName);
      case 'connectionClosed':
        return connectionFailure(event, this.#serverName);
      case 'pathChanged':
      case 'connected':
      case 'request':
        return null;
    }
  }

  #judge(event: Extract<EngineEvent, { readonly type: 'response' }>): ClientFailure | null {
    this.#answered = true;
    const outcome = judgeResponse(event.status, event.headers);
    if (!outcome.accepted) {
      this.#tools.engine.abort(this.#id, outcome.error.resetCode);
      return refusalFailure(outcome.error, this.#serverName);
    }
    const capsules = this.#session.opened(this.#tools.clock.monotonic());
    if (capsules.length > 0) this.#tools.engine.sendCapsules(this.#id, capsules);
    return null;
  }

  async #timeout(): Promise<ClientFailure | null> {
    if (this.#answered) return this.#carryOut(this.#session.handleTimeout(this.#tools.clock.monotonic()));
    this.#tools.engine.abort(this.#id, HttpError.requestCancelled);
    return {
      code: 'SERVER_FAULT',
      message: `${this.#serverName} is there, but did not answer the request for a tunnel in time.`,
      retry: 'soon',
    };
  }

  async #carryOut(step: ClientStep): Promise<ClientFailure | null> {
    const { engine, log } = this.#tools;
    if (step.capsules.length > 0) engine.sendCapsules(this.#id, step.capsules);
    for (const notice of step.notices) log.warn({ reason: notice.kind }, noticeText(notice));
    const failure = step.tunnel === null ? null : await this.#apply(step.tunnel);
    if (step.dns !== null) this.#noteDns(step.dns);
    if (failure !== null || step.abort === null) return failure;
    engine.abort(this.#id, step.abort.httpErrorCode);
    return abortFailure(step.abort, this.#serverName);
  }

  /** First the engine, then the host: a packet that the host routes finds its forwarding in place. */
  async #apply(tunnel: ClientTunnel): Promise<ClientFailure | null> {
    const { engine, device, status, clock, log } = this.#tools;
    this.#wanted = tunnel;
    const forwarded = engine.update(this.#id, {
      role: 'client',
      assigned: tunnel.addresses.map(formatPrefix),
      routes: tunnel.routes.map(formatRoute),
      peers: [],
      behind: this.#behind.map(formatPrefix),
      ownIpv4: ownAddress(tunnel, 4),
      ownIpv6: ownAddress(tunnel, 6),
    });
    if (!forwarded.ok) return this.#giveUp(engineFailure(forwarded.error));
    const mtu = this.#mtu(tunnel);
    const applied = await device.apply(tunnel, mtu, this.#options.serverAddresses);
    if (!applied.ok) return this.#giveUp(applied.error);
    const { addresses, routes, warnings } = applied.value;
    for (const sentence of warnings) log.warn(sentence);
    status.tunnel(addresses, routes, mtu);
    if (this.#upSince === null && this.#session.state === 'up') {
      this.#upSince = clock.monotonic();
      status.enter('up');
      this.#options.onUp();
      log.info({ addresses, routes, tunnelMtu: mtu }, `connected to ${this.#serverName}`);
    } else {
      log.debug({ addresses, routes, tunnelMtu: mtu }, 'tunnel changed');
    }
    return null;
  }

  /** Kept for people to see; the host's resolver is not touched. */
  #noteDns(configurations: readonly DnsConfiguration[]): void {
    const { status, log } = this.#tools;
    const dns = dnsStatus(configurations);
    status.dns(dns);
    log.info({ dns }, `${this.#serverName} ${dnsSentence(dns)}`);
  }

  #mtu(tunnel: ClientTunnel): number {
    const wanted = this.#options.profile.tunnel.mtu ?? Number.POSITIVE_INFINITY;
    const ipv6 = wanted >= smallestMtu.ipv6 && ownAddress(tunnel, 6) !== null;
    return Math.max(ipv6 ? smallestMtu.ipv6 : smallestMtu.ipv4, Math.min(wanted, this.#pathMtu ?? 1280));
  }

  #giveUp(failure: ClientFailure): ClientFailure {
    this.#tools.engine.abort(this.#id, HttpError.requestCancelled);
    return failure;
  }

  #tunLost(message: string): ClientFailure {
    return this.#giveUp({
      code: 'CLIENT_TUN_LOST',
      message: `The tunnel’s interface was taken away: ${message}.`,
      retry: 'soon',
    });
  }

  async #goodbye(): Promise<void> {
    const { engine, clock } = this.#tools;
    engine.finish(this.#id);
    const deadline = clock.monotonic() + goodbyeMs;
    const never = new AbortController().signal;
    for (;;) {
      const arrival = await this.#connection.events.next(clock, deadline, never);
      if (arrival.kind !== 'event') return;
      if (arrival.event.type === 'sessionClosed' || arrival.event.type === 'connectionClosed') return;
    }
  }

  get #serverName(): string {
    return this.#options.server.name;
  }
}

function ownAddress(tunnel: ClientTunnel, family: 4 | 6): string | null {
  const own = tunnel.addresses.find(({ address }) => address.family === family);
  return own === undefined ? null : formatAddress(own.address);
}

function noticeText(notice: ClientNotice): string {
  return notice.kind === 'addressIgnored'
    ? `the server assigned ${formatPrefix(notice.prefix)}, which is not used: ${notice.reason}`
    : `the server refused an IPv${notice.family} address`;
}
