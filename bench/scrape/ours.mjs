import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { connectionColumns, sessionColumns } from '@masque-vpn/engine';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';

/** @typedef {import('node:http').ServerResponse} Response */

const bounds = [1, 5, 10, 30, 60, 300, 600, 1800, 3600];

/** The server's own metrics over an engine whose rows are set by hand. @param {import('./load.mjs').Load} load */
export async function ours(load) {
  /** @param {string} file @returns {Promise<any>} */
  const built = (file) =>
    import(pathToFileURL(inRepository('packages', 'server', 'dist', 'metrics', file)).href);
  const { Metrics } = await built('metrics.js');
  const { Registry } = await built('registry.js');
  const { Scraper } = await built('scrape.js');
  const clock = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    /** @param {number} delayMs @param {() => void} task */
    after: (delayMs, task) => {
      const timeout = setTimeout(task, delayMs);
      return { cancel: () => clearTimeout(timeout) };
    },
  };
  const engine = new Rows(load);
  const usage = { total: 65_533, used: load.clients, quarantined: 0, available: 65_533 - load.clients };
  const metrics = new Metrics({
    registry: new Registry({ version: '0.1.0', node: process.version }),
    engine,
    clock,
    retentionMs: 900_000,
    perClient: true,
    clientCeiling: 1_000_000,
    gauges: {
      pools: () => ({ ipv4: usage, ipv6: usage }),
      tunActive: () => true,
      storeAvailable: () => true,
      clients: () => ({ enabled: load.clients, disabled: 0 }),
      certificates: () => ({ authority: 0, client: 0 }),
      process: () => ({ userSeconds: 0, systemSeconds: 0, residentBytes: 0, heapBytes: 0 }),
    },
  });
  for (let index = 0; index < load.clients; index++) {
    metrics.admitted(index + 1, { connectionId: index + 1, clientId: load.clientId(index), receivedAtMs: 0 });
    const row = metrics.registry.clientRow(load.clientId(index));
    for (const seconds of load.endedSessions(index)) {
      metrics.registry.family('connectionDuration').observe(seconds, 0, row);
    }
  }
  const scraper = new Scraper(metrics, clock, 0);
  return {
    tick: () => {
      engine.fill();
      for (const index of load.justEnded()) {
        engine.endStream(index, load.justEndedSeconds);
        const row = metrics.registry.clientRow(load.clientId(index));
        metrics.registry.family('connectionDuration').observe(load.justEndedSeconds, 0, row);
      }
    },
    /** @param {boolean} gzip @param {Response} response */
    answer: async (gzip, response) => {
      const body = await scraper.scrape(gzip ? 'gzip' : 'identity');
      if (gzip) response.setHeader('content-encoding', 'gzip');
      body.pipe(response);
    },
  };
}

/** The engine as the metrics see it: rows that a snapshot copies. */
class Rows {
  /** @param {import('./load.mjs').Load} load */
  constructor(load) {
    this.load = load;
    this.sessions = new Float64Array(sessionColumns.length * load.clients);
    this.connections = new Float64Array(connectionColumns.length * load.clients);
    for (let index = 0; index < load.clients; index++) this.fillConnection(index);
    this.fill();
  }

  /** Takes the sessions from the load as it is now. */
  fill() {
    for (let index = 0; index < this.load.clients; index++) this.fillSession(index);
  }

  /** A client closes a stream and opens another. @param {number} index @param {number} seconds */
  endStream(index, seconds) {
    const base = index * connectionColumns.length;
    /** @param {import('@masque-vpn/engine').ConnectionColumn} name @param {number} amount */
    const add = (name, amount) => {
      const at = base + connectionColumns.indexOf(name);
      this.connections[at] = (this.connections[at] ?? 0) + amount;
    };
    add('bidirectionalStreams', 1);
    add(seconds <= 1_800 ? 'streams<=1800s' : 'streams<=3600s', 1);
    add('streamSecondsTotal', seconds);
  }

  /** @param {number} index */
  fillSession(index) {
    const base = index * sessionColumns.length;
    this.sessions[base + sessionColumns.indexOf('sessionId')] = index + 1;
    this.sessions[base + sessionColumns.indexOf('connectionId')] = index + 1;
    this.sessions[base + sessionColumns.indexOf('open')] = 1;
    for (let kind = 0; kind < 4; kind++) {
      this.sessions[base + sessionColumns.indexOf('bytesSent') + kind] = this.load.traffic(index, kind);
    }
  }

  /** @param {number} index */
  fillConnection(index) {
    const base = index * connectionColumns.length;
    /** @param {import('@masque-vpn/engine').ConnectionColumn} name */
    const column = (name) => base + connectionColumns.indexOf(name);
    this.connections[column('connectionId')] = index + 1;
    this.connections[column('open')] = 1;
    this.connections[column('bidirectionalStreams')] = 1;
    this.connections[column('unidirectionalStreams')] = 6;
    this.connections[column('packetsSent')] = this.load.traffic(index, 2);
    const durations = this.load.closedStreams(index);
    const first = column('streams<=1s');
    this.connections.fill(0, first, first + bounds.length + 1);
    for (const seconds of durations) {
      const bin = bounds.findIndex((bound) => seconds <= bound);
      const at = first + (bin < 0 ? bounds.length : bin);
      this.connections[at] = (this.connections[at] ?? 0) + 1;
    }
    this.connections[column('streamSecondsTotal')] = durations.reduce((sum, seconds) => sum + seconds, 0);
  }

  /** @param {import('@masque-vpn/engine').Snapshot} into */
  snapshot(into) {
    if (into.sessions.length < this.sessions.length) into.sessions = new Float64Array(this.sessions.length);
    if (into.connections.length < this.connections.length) {
      into.connections = new Float64Array(this.connections.length);
    }
    into.sessions.set(this.sessions);
    into.connections.set(this.connections);
    into.sessionRows = into.connectionRows = this.load.clients;
  }

  releaseSession() {
    // Nothing ends here.
  }

  releaseConnection() {
    // Nothing ends here.
  }
}
