import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { callApi } from '../administration.mjs';
import { eventually, says, start } from '../daemon.mjs';
import { cpuSeconds, residentBytes } from '../load/processes.mjs';
import { outer } from '../network.mjs';
import { masqueVpnWith } from '../peers/masqueVpn.mjs';
import { makeIdentities } from '../sessions/identities.mjs';
import { Metrics } from '../soak/metrics.mjs';

const opener = fileURLToPath(new URL('../sessions/open.mjs', import.meta.url));
const preload = pathToFileURL(fileURLToPath(new URL('./inside.mjs', import.meta.url)));

const parallel = 32;
const settleMs = 5_000;
const progressMs = 5_000;
const scrapes = 5;
/** Handshake and admission on a machine that others use. */
const patienceMsPerSession = 30;
const patienceMs = 120_000;

/**
 * Room for more sessions than the default has.
 * @param {number} sessions
 * @param {number} clients
 * @param {number} keepAliveSeconds
 */
const roomy = (sessions, clients, keepAliveSeconds) => [
  '[pool]',
  'ipv4 = ["10.64.0.0/10"]',
  '[sessions]',
  `max = ${sessions + 100}`,
  `idle_timeout_seconds = ${3 * keepAliveSeconds}`,
  `per_client = ${Math.max(8, Math.ceil(sessions / clients) + 1)}`,
  '[metrics]',
  `client_ceiling = ${Math.max(10_000, clients)}`,
];

/**
 * Opens sessions that do nothing and holds them for a while.
 * @param {string} directory kept identities are found there
 * @param {{ sessions: number, clients: number, holdSeconds: number, keepAliveSeconds: number }} options
 */
export async function holdIdle(directory, { sessions, clients, holdSeconds, keepAliveSeconds }) {
  const peer = masqueVpnWith({
    serverFlags: ['--import', preload.href],
    settings: roomy(sessions, clients, keepAliveSeconds),
  });
  const socket = join(directory, 'run', 'admin.sock');
  const identities = join(directory, `identities-${clients}.json`);
  if (!existsSync(identities)) {
    const { daemon: making } = await peer.serve(directory);
    await makeIdentities(socket, clients, identities).finally(() => making?.stop());
  }
  // What a server of so many clients needs in memory for them is no session's; only a fresh process shows that.
  const { daemon: server } = await peer.serve(directory);
  if (server === null) throw new Error('the server is a process');
  try {
    await after(settleMs);
    await ask(server);
    const empty = { bytes: residentBytes(server.pid), cpu: cpuSeconds([server.pid]) };
    const opening = start('client', [
      ...[process.execPath, '--max-old-space-size=8192', opener, outer.server, identities],
      ...[String(sessions), String(parallel), 'hold', String(1_000 * keepAliveSeconds)],
    ]);
    try {
      const { seconds, opened, failed, rates } = await progress(socket, opening, sessions);
      const openedCpu = cpuSeconds([server.pid]) - empty.cpu;
      const whileOpening = await ask(server);
      await after(settleMs);
      const full = { bytes: residentBytes(server.pid), cpu: cpuSeconds([server.pid]) };
      const clientCpu = cpuSeconds([opening.pid]);
      await after(holdSeconds * 1_000);
      const whileHeld = await ask(server);
      const holding = {
        serverCpuShare: (cpuSeconds([server.pid]) - full.cpu) / holdSeconds,
        clientCpuShare: (cpuSeconds([opening.pid]) - clientCpu) / holdSeconds,
      };
      const scraped = [];
      for (let index = 0; index < scrapes; index++) scraped.push(await scrape(socket, server.pid));
      const afterScrapes = await ask(server);
      const metrics = await Metrics.read(socket);
      const held = metrics.sum('masque_vpn_active_connections');
      const bytes = residentBytes(server.pid);
      const clientBytes = residentBytes(opening.pid);
      const ending = performance.now();
      await opening.stop();
      const gone = await drained(socket);
      return {
        sessions,
        clients,
        keepAliveSeconds,
        opened,
        failed,
        held,
        opening: { seconds, perServerCpuSecond: opened / openedCpu, perSecond: rates, ...whileOpening },
        memory: {
          emptyMb: empty.bytes / 1e6,
          fullMb: full.bytes / 1e6,
          kbPerSession: (full.bytes - empty.bytes) / 1e3 / opened,
          kbPerSessionAfterScrapes: (bytes - empty.bytes) / 1e3 / opened,
          clientKbPerSession: clientBytes / 1e3 / opened,
        },
        holding: { seconds: holdSeconds, ...holding, ...whileHeld },
        scrapes: { each: scraped, ...afterScrapes },
        ending: {
          secondsUntilNone: gone ? (performance.now() - ending) / 1_000 : null,
          ...(await ask(server)),
        },
        problems: opening.output().split('\n').slice(0, 5),
      };
    } finally {
      await opening.stop();
    }
  } finally {
    await server.stop();
  }
}

/** Waits for the opener and says how fast it is. @param {string} socket @param {import('../daemon.mjs').Daemon} opening @param {number} sessions */
async function progress(socket, opening, sessions) {
  const begun = performance.now();
  const done = says(opening, /opened (\d+) failed (\d+)/, patienceMs + sessions * patienceMsPerSession);
  let over = false;
  const finished = done.finally(() => (over = true));
  finished.catch(() => undefined);
  /** @type {number[]} */
  const rates = [];
  let before = { open: 0, at: begun };
  while (!over) {
    await Promise.race([after(progressMs), finished]);
    const { body } = await callApi(socket, 'GET', '/api/v1/status');
    const open = Number(JSON.parse(body).sessions?.open ?? JSON.parse(body).sessions);
    const at = performance.now();
    rates.push(Math.round((open - before.open) / ((at - before.at) / 1_000)));
    console.error(`${open} open after ${((at - begun) / 1_000).toFixed(0)} s, ${rates.at(-1)}/s`);
    before = { open, at };
  }
  const [, opened, failed] = await finished;
  return {
    seconds: (performance.now() - begun) / 1_000,
    opened: Number(opened),
    failed: Number(failed),
    rates,
  };
}

/** What the server says of itself since it was last asked. @param {import('../daemon.mjs').Daemon} server */
async function ask(server) {
  const lines = () => server.output().match(/^\{"loop".*$/gm) ?? [];
  const before = lines().length;
  process.kill(server.pid, 'SIGUSR2');
  return eventually('server', async () => {
    const line = lines()[before];
    if (line === undefined) throw new Error('it says nothing');
    /** @type {{ loop: { p50: number, p99: number, most: number }, longestCollectionMs: number, snapshotMs: number[], heapUsed: number, external: number }} */
    const said = JSON.parse(line);
    return said;
  });
}

/** @param {string} socket @param {number} pid */
async function scrape(socket, pid) {
  const cpu = cpuSeconds([pid]);
  const begun = performance.now();
  const { body } = await callApi(socket, 'GET', '/metrics');
  return {
    ms: Math.round(performance.now() - begun),
    megabytes: Math.round(body.length / 1e5) / 10,
    cpuSeconds: Math.round((cpuSeconds([pid]) - cpu) * 100) / 100,
  };
}

/** Whether all sessions end once nobody keeps them alive. @param {string} socket */
const drained = (socket) =>
  eventually(
    'end of sessions',
    async () => {
      const metrics = await Metrics.read(socket);
      const open = metrics.sum('masque_vpn_active_connections');
      if (open > 0) throw new Error(`${open} are open`);
      return true;
    },
    { everyMs: 2_000, withinMs: 900_000 },
  ).catch(() => false);
