import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventually, says, start } from '../daemon.mjs';
import { cpuSeconds, residentBytes } from '../load/processes.mjs';
import { outer } from '../network.mjs';
import { masqueVpnWith } from '../peers/masqueVpn.mjs';
import { answers } from '../peers/peer.mjs';
import { makeIdentities } from '../sessions/identities.mjs';
import { Commuter } from './commuter.mjs';
import { hostState, leftover } from './hostState.mjs';
import { logged } from './logs.mjs';
import { Metrics } from './metrics.mjs';
import { Steady } from './steady.mjs';
import { flatness } from './verdict.mjs';
import { Visits } from './visits.mjs';

const visitorsProgram = fileURLToPath(new URL('./visitors.mjs', import.meta.url));
const transferEnd = fileURLToPath(new URL('../load/transferEnd.mjs', import.meta.url));
const collector = new URL('collector.mjs', import.meta.url).href;
const masqueVpn = masqueVpnWith({ serverFlags: ['--import', collector] });
const transferPort = 5203;
const mostSamples = 360;
const pieceSeconds = 20;
/** How often in a run the server's garbage is collected, for the verdict. */
const collections = 20;
/** Until the memory of collected garbage is given back, and an answered socket closed. */
const settleMs = 1_500;
/** Longer than a killed client's session lasts. */
const drainMs = 60_000;

/** @typedef {{ residentBytes: number, descriptors: number, cpuSeconds: number }} Usage */
/** @typedef {{ seconds: number, server: Usage, client: Usage, visitors: Usage, sessions: number, connections: number, leases: number, unaccounted: number, heapBytes: number }} Sample */
/** @typedef {Awaited<ReturnType<Soak['run']>>} Found */

/** A server at full load while clients come and go. */
export class Soak {
  /** @param {string} directory @param {{ minutes: number, visitors: number, rate: number | null }} options `rate`: Mbit/s each way */
  constructor(directory, options) {
    this.directory = directory;
    this.options = options;
    this.socket = join(directory, 'run', 'admin.sock');
    /** @type {Sample[]} */
    this.samples = [];
    /**
     * The server's resident memory right after its garbage was collected: otherwise it climbs by the garbage of a
     * thousand sessions before V8 collects it, which may take longer than the run.
     * @type {import('./verdict.mjs').Point[]}
     */
    this.collected = [];
  }

  async run() {
    const sides = /** @type {const} */ (['server', 'client']);
    const before = await Promise.all(sides.map(hostState));
    const { address, daemon: server } = await masqueVpn.serve(this.directory);
    if (server === null) throw new Error('the server is a process');
    const identities = join(this.directory, 'visitors.json');
    await makeIdentities(this.socket, this.options.visitors, identities);
    const idle = usage(server.pid);
    const client = await masqueVpn.connect(this.directory);
    if (client === null) throw new Error('the client is a process');
    await answers(address, () => `${client.output()}\n${server.output()}`);
    const transfers = start('server', [
      process.execPath,
      transferEnd,
      'serve',
      address,
      String(transferPort),
    ]);
    await says(transfers, /ready/, 10_000);
    const args = [outer.server, identities, String(this.options.visitors), address, String(transferPort)];
    const visitors = start('client', [process.execPath, visitorsProgram, ...args]);
    const steady = new Steady(address, pieceSeconds, this.options.rate);
    const commuter = new Commuter(this.directory, address, transferPort);
    const working = [steady.run(), commuter.run()];
    const begun = performance.now();
    await this.#sample(begun, { server, client, visitors });

    steady.leaving = commuter.leaving = true;
    const leaving = visitors.stop(180_000);
    await Promise.all([...working, leaving]);
    await transfers.stop();
    await client.stop();
    await this.#empty();
    const metrics = await Metrics.read(this.socket);
    // The server may not have closed the socket of this very question yet.
    await after(settleMs);
    const end = usage(server.pid);
    await server.stop();
    const atLast = await Promise.all(sides.map(hostState));
    const visits = new Visits(visitors.output());
    /** @param {'server' | 'client' | 'visitors'} who */
    const resident = (who) =>
      this.samples.map((sample) => ({ seconds: sample.seconds, value: sample[who].residentBytes / 1e6 }));
    const flat = {
      server: flatness(this.collected),
      client: flatness(resident('client')),
      visitors: flatness(resident('visitors')),
    };
    const serverResident = resident('server').map(({ value }) => value);
    const resting = metrics.sum('masque_vpn_ip_pool_quarantined');
    const left = {
      sessions: metrics.sum('masque_vpn_active_connections'),
      engineSessions: metrics.sum('masque_vpn_transport_sessions'),
      connections: metrics.sum('masque_vpn_quic_connections'),
      leases: metrics.sum('masque_vpn_ip_pool_used') - resting,
      // As many of either family rest.
      ipv6Leases: metrics.sum('masque_vpn_ipv6_pool_used') - resting,
      queued: metrics.sum('masque_vpn_packets_queued'),
      unaccounted: metrics.sum('masque_vpn_packets_unaccounted'),
      descriptors: Math.max(0, end.descriptors - idle.descriptors),
      onHost: [
        ...sides.flatMap((_, at) => leftover(before[at] ?? [], atLast[at] ?? [])),
        ...commuter.leftBehind,
      ],
    };
    const counts = {
      // A snapshot is taken while the worker counts: a few are between two counters. What stays at the end is lost.
      mostUnaccounted: Math.max(...this.samples.map(({ unaccounted }) => Math.abs(unaccounted))),
      panics: metrics.sum('masque_vpn_engine_faults_total', 'source="panic"'),
      engineFaults: metrics.sum('masque_vpn_engine_faults_total'),
      errors: metrics.nonZero('masque_vpn_errors_total'),
      drops: metrics.nonZero('masque_vpn_engine_drops_total'),
      sessionEnds: metrics.nonZero('masque_vpn_session_ends_total'),
      connectionEnds: metrics.nonZero('masque_vpn_quic_connection_ends_total'),
      logged: { server: logged(server.output()), client: logged(client.output()) },
      visits: visits.summary(),
      journeys: {
        made: commuter.journeys,
        killed: commuter.killed,
        intact: commuter.intact,
        corrupt: commuter.corrupt,
      },
      gigabytes: steady.pieces.reduce((sum, { upBytes, downBytes }) => sum + upBytes + downBytes, 0) / 1e9,
      serverCpuSeconds: end.cpuSeconds - idle.cpuSeconds,
      serverBytes: { idle: idle.residentBytes, end: end.residentBytes },
      serverMegabytes: { least: Math.min(...serverResident), most: Math.max(...serverResident) },
    };
    const faults = [
      ...Object.entries(flat).flatMap(([who, { flat: is, growth }]) =>
        is ? [] : [`${who} grew by ${((growth - 1) * 100).toFixed(1)} %`],
      ),
      ...Object.entries(left).flatMap(([what, value]) =>
        value === 0 || (Array.isArray(value) && value.length === 0)
          ? []
          : [`left at the end: ${what} ${JSON.stringify(value)}`],
      ),
      ...(counts.engineFaults === 0 ? [] : [`${counts.engineFaults} faults of the engine`]),
      ...counts.logged.server.errors.map((line) => `server: ${line}`),
      ...counts.logged.client.errors.map((line) => `client: ${line}`),
      ...visits.errors,
      ...(counts.visits.corrupt + commuter.corrupt === 0 ? [] : ['corrupt transfers']),
      ...steady.errors,
      ...commuter.errors,
    ];
    const pieces = steady.pieces.map(({ endedAt, ...piece }) => ({
      ...piece,
      seconds: (endedAt - begun) / 1_000,
    }));
    const { options, collected, samples } = this;
    return { options, faults, flat, left, counts, pieces, collected, samples };
  }

  /** @param {number} begun @param {Record<'server' | 'client' | 'visitors', import('../daemon.mjs').Daemon>} processes */
  async #sample(begun, { server, client, visitors }) {
    const lasts = this.options.minutes * 60_000;
    const everyMs = Math.max(1_000, lasts / mostSamples);
    while (performance.now() - begun < lasts) {
      await after(everyMs);
      for (const daemon of [server, client, visitors])
        if (!daemon.running()) throw new Error(`a process ended: ${daemon.output().slice(-2_000)}`);
      const metrics = await Metrics.read(this.socket);
      this.samples.push({
        seconds: (performance.now() - begun) / 1_000,
        server: usage(server.pid),
        client: usage(client.pid),
        visitors: usage(visitors.pid),
        sessions: metrics.sum('masque_vpn_active_connections'),
        connections: metrics.sum('masque_vpn_quic_connections'),
        leases: metrics.sum('masque_vpn_ip_pool_used'),
        unaccounted: metrics.sum('masque_vpn_packets_unaccounted'),
        heapBytes: metrics.sum('masque_vpn_process_heap_bytes'),
      });
      const seconds = (performance.now() - begun) / 1_000;
      if (seconds >= ((this.collected.length + 1) * lasts) / 1_000 / (collections + 1)) {
        process.kill(server.pid, 'SIGUSR2');
        await after(settleMs);
        this.collected.push({ seconds, value: residentBytes(server.pid) / 1e6 });
      }
    }
  }

  /** Waits until the last session is gone; what stays is found by the metrics. */
  async #empty() {
    await eventually(
      'last session',
      async () => {
        const metrics = await Metrics.read(this.socket);
        const open =
          metrics.sum('masque_vpn_active_connections') + metrics.sum('masque_vpn_quic_connections');
        if (open > 0) throw new Error(`${open} are open`);
      },
      { everyMs: 500, withinMs: drainMs },
    ).catch((error) => console.error(String(error)));
  }
}

/** @param {number} pid @returns {Usage} */
const usage = (pid) => ({
  residentBytes: residentBytes(pid),
  descriptors: readdirSync(`/proc/${pid}/fd`).length,
  cpuSeconds: cpuSeconds([pid]),
});
