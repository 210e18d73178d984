import { openEngine } from '@masque-vpn/engine';
import { decodeControlCapsule, formatAddress } from '@masque-vpn/protocol';

/** @typedef {import('@masque-vpn/engine').EngineEvent} EngineEvent */
/** @typedef {import('./identities.mjs').Identity} Identity */

const noError = 0x0100;

/**
 * An open session.
 * @typedef {object} OpenSession
 * @property {import('@masque-vpn/engine').SessionId} sessionId
 * @property {string} address the first that was assigned, IPv4, without length
 * @property {() => void} close
 */

/** An engine that opens sessions, each over a connection and with an identity of its own. */
export class SessionClient {
  /**
   * @param {string} host
   * @param {string} anchorsPem
   * @param {number} [keepAliveMs] by default that of our client
   */
  constructor(host, anchorsPem, keepAliveMs = 10_000) {
    this.host = host;
    this.anchorsPem = anchorsPem;
    this.keepAliveMs = keepAliveMs;
    /** @type {Map<number, (event: EngineEvent) => void>} */
    this.listeners = new Map();
    const opened = openEngine({ onEvents: (events) => events.forEach((event) => this.#deliver(event)) });
    if (!opened.ok) throw new Error(opened.error.message);
    this.engine = opened.value;
  }

  /**
   * From the handshake to the assigned address.
   * @param {Identity} identity
   * @param {string} [address] of the host, if it is to be found elsewhere
   * @returns {Promise<OpenSession>}
   */
  open(identity, address = this.host) {
    const started = this.engine.connect({
      remoteAddress: `${address}:443`,
      serverName: this.host,
      anchorsPem: this.anchorsPem,
      certificate: identity,
      transport: {
        idleTimeoutMs: 3 * this.keepAliveMs,
        keepAliveMs: this.keepAliveMs,
        congestionControl: 'adaptive',
      },
      peerLimits: {
        requestsPerConnection: 1,
        capsuleBytes: 65_536,
        capsulesPerSecond: 100,
        capsuleBurst: 200,
      },
      mark: null,
    });
    if (!started.ok) return Promise.reject(new Error(started.error.message));
    const { connectionId } = started.value;
    const close = () => this.engine.closeConnection(connectionId, noError, '');
    return new Promise((resolve, reject) => {
      /** @type {import('@masque-vpn/engine').SessionId | null} */
      let sessionId = null;
      this.listeners.set(connectionId, (event) => {
        if (event.type === 'connected') sessionId = this.engine.request(connectionId, this.#headers());
        if (event.type === 'response' && event.status !== 200) reject(new Error(`status ${event.status}`));
        if (event.type === 'connectionClosed') {
          this.listeners.delete(connectionId);
          this.engine.releaseConnection(connectionId);
          reject(new Error(`${event.cause} ${event.reason}`));
        }
        if (event.type === 'sessionClosed') this.engine.releaseSession(event.sessionId);
        const address = event.type === 'capsules' ? assigned(event.capsules) : null;
        if (address !== null && sessionId !== null) resolve({ sessionId, address, close });
      });
    });
  }

  /** @param {EngineEvent} event */
  #deliver(event) {
    if ('connectionId' in event) this.listeners.get(event.connectionId)?.(event);
  }

  /** @returns {import('@masque-vpn/engine').HeaderField[]} */
  #headers() {
    return [
      [':method', 'CONNECT'],
      [':protocol', 'connect-ip'],
      [':scheme', 'https'],
      [':authority', this.host],
      [':path', '/.well-known/masque/ip/*/*/'],
      ['capsule-protocol', '?1'],
    ];
  }
}

/**
 * The first IPv4 address of an ADDRESS_ASSIGN capsule; null without one.
 * @param {readonly import('@masque-vpn/engine').Capsule[]} capsules
 */
function assigned(capsules) {
  for (const capsule of capsules) {
    const decoded = decodeControlCapsule(capsule);
    if (!decoded.ok || decoded.value.kind !== 'addressAssign') continue;
    const addresses = decoded.value.addresses.map(({ prefix }) => formatAddress(prefix.address));
    const ipv4 = addresses.find((address) => !address.includes(':'));
    if (ipv4 !== undefined) return ipv4;
  }
  return null;
}
