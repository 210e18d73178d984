import { setTimeout as after } from 'node:timers/promises';
import { cpuSeconds } from '../load/processes.mjs';
import { tcpLoads } from '../measures/tcp.mjs';
import { AccessTunnel } from './tunnel.mjs';

/** @typedef {{ mbitPerSecond: number, cpuSecondsPerGb: number }} Cost */

/** For how long the idle sessions' keep-alives are watched: each comes every ten seconds. */
const idleMs = 10_000;

/** Two tunnels of the engine alone: one plain, one whose server judges by 1,000 rules and has many more sessions in its table. */
export class CrowdedPair {
  /**
   * @param {AccessTunnel} plain
   * @param {AccessTunnel} crowded
   * @param {number} idleShare of a core that the crowded server needs for keep-alives alone
   */
  constructor(plain, crowded, idleShare) {
    this.plain = plain;
    this.crowded = crowded;
    this.idleShare = idleShare;
  }

  /** @param {string} directory for certificates @param {number} sessions */
  static async open(directory, sessions) {
    const plain = await AccessTunnel.open(directory, 0);
    try {
      const crowded = await AccessTunnel.open(directory, 1);
      try {
        await crowded.fill(directory, 1, sessions);
        await crowded.turn();
        return new CrowdedPair(plain, crowded, await idleShare(crowded));
      } catch (error) {
        await crowded.close();
        throw error;
      }
    } catch (error) {
      await plain.close();
      throw error;
    }
  }

  /**
   * One flow in each, one after the other. CPU time is that of the server's process, less what the keep-alives take anyway.
   * @param {'tcpUp' | 'tcpDown'} load
   * @param {number} seconds
   * @returns {Promise<{ plain: Cost, crowded: Cost }>}
   */
  async flows(load, seconds) {
    return {
      plain: await cost(this.plain, load, seconds, 0),
      crowded: await cost(this.crowded, load, seconds, this.idleShare),
    };
  }

  async close() {
    await Promise.all([this.plain.close(), this.crowded.close()]);
  }
}

/** @param {AccessTunnel} tunnel */
async function idleShare({ server }) {
  const before = cpuSeconds([server.pid]);
  await after(idleMs);
  return (cpuSeconds([server.pid]) - before) / (idleMs / 1_000);
}

/**
 * @param {AccessTunnel} tunnel
 * @param {'tcpUp' | 'tcpDown'} load
 * @param {number} seconds
 * @param {number} share of a core that is not the load's
 * @returns {Promise<Cost>}
 */
async function cost(tunnel, load, seconds, share) {
  const { mbitPerSecond, cpuSecondsPerGb } = await tunnel.flow(tcpLoads[load], seconds);
  const secondsPerGb = 8_000 / mbitPerSecond;
  return { mbitPerSecond, cpuSecondsPerGb: (cpuSecondsPerGb ?? Number.NaN) - share * secondsPerGb };
}
