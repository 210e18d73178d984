import { setTimeout as after } from 'node:timers/promises';
import { says, start } from '../daemon.mjs';
import { cpuSeconds, residentBytes } from '../load/processes.mjs';

const patienceMs = 60_000;
/** On a machine that others use. */
const patienceMsPerSession = 30;
/** Until a server has done what a new process or new sessions leave to do. */
const settleMs = 2_000;

/**
 * New sessions for each second of the server's CPU time: full handshakes, to the assigned address.
 * @type {import('./measure.mjs').Measure}
 */
export const setups = {
  name: 'setups',
  quick: true,
  kind: 'peer',
  figures: {
    setupsPerCpuSecond: {
      title: 'new sessions per second of server CPU',
      unit: 'sessions/s',
      better: 'higher',
    },
    setupsPerSecond: { title: 'new sessions per second, 8 at a time', unit: 'sessions/s', better: 'higher' },
  },
  suits: (peer) => peer.sessions !== null,
  run: async (peer, { effort, directory }) => {
    const { used, seconds, opened } = await openMany(peer, directory, effort, 'close');
    return { setupsPerCpuSecond: opened / used, setupsPerSecond: opened / seconds };
  },
};

/**
 * Growth of the whole server process for each idle session.
 * @type {import('./measure.mjs').Measure}
 */
export const memory = {
  name: 'memory',
  quick: true,
  kind: 'peer',
  figures: {
    memoryPerSession: { title: 'memory per idle session, whole server', unit: 'kB', better: 'lower' },
  },
  suits: (peer) => peer.sessions !== null,
  run: async (peer, { effort, directory }) => {
    const { grown, opened } = await openMany(peer, directory, effort, 'hold');
    return { memoryPerSession: grown / opened / 1_000 };
  },
};

/**
 * @param {import('../peers/peer.mjs').Peer} peer
 * @param {string} directory
 * @param {import('./measure.mjs').Effort} effort
 * @param {'hold' | 'close'} then
 * @returns {Promise<{ opened: number, seconds: number, used: number, grown: number }>} `used`: CPU seconds; `grown`: bytes
 */
async function openMany(peer, directory, { setups: opened, sessions: held }, then) {
  if (peer.sessions === null) throw new Error(`${peer.name} opens no sessions`);
  const { daemon, holds = held, admit, command } = await peer.sessions(directory, Math.max(opened, held));
  const count = then === 'hold' ? Math.min(held, holds) : opened;
  try {
    await after(settleMs);
    const before = { cpu: cpuSeconds([daemon.pid]), bytes: residentBytes(daemon.pid) };
    await admit(count);
    const admitted = cpuSeconds([daemon.pid]) - before.cpu;
    const begun = performance.now();
    const opener = start('client', command(count, then));
    try {
      const [, succeeded, failed] = await says(
        opener,
        /opened (\d+) failed (\d+)/,
        patienceMs + count * patienceMsPerSession,
      );
      const seconds = (performance.now() - begun) / 1000;
      if (Number(failed) > 0) throw new Error(`${failed} of ${count} failed: ${opener.output()}`);
      const used = cpuSeconds([daemon.pid]) - before.cpu - admitted;
      await after(settleMs);
      return { opened: Number(succeeded), seconds, used, grown: residentBytes(daemon.pid) - before.bytes };
    } finally {
      await opener.stop();
    }
  } finally {
    await daemon.stop();
  }
}
