import { Agent } from 'node:http';
import { join } from 'node:path';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { openDatabase } from './api/database.mjs';
import { privateRun } from './privateRun.mjs';
import { Site } from './revocation/site.mjs';
import { table } from './table.mjs';

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:api',
    about:
      'Calls of the API a second and their times, in SQLite and in PostgreSQL, over the administration socket.',
    flags: {
      clients: { is: 'number', shown: 'N', default: 10000, help: 'that the server knows' },
      seconds: { is: 'number', shown: 'N', default: 10, help: 'length of each load' },
      callers: { is: 'number', shown: 'N', default: 8, help: 'at once' },
      json: { is: 'switch', help: 'JSON instead of a table' },
    },
  });
  return privateRun({
    script: 'api.mjs',
    programs: ['nft'],
    measure: (directory) => measureAll(directory, flags),
  });
});

/** @param {string} directory @param {{ clients: number, seconds: number, callers: number, json: boolean }} flags */
async function measureAll(directory, flags) {
  const load = {
    clients: flags.clients,
    seconds: flags.seconds,
    callers: flags.callers,
  };
  /** @type {Record<string, Record<string, number>>} */
  const figures = {};
  const sqlite = new Site(join(directory, 'sqlite'), 0, null);
  await measure('SQLite', sqlite, load, figures);
  const cluster = await openDatabase();
  try {
    const shared = { url: cluster.url, keyFile: join(directory, 'master.key') };
    const postgres = new Site(join(directory, 'postgres'), 1, shared);
    await measure('PostgreSQL', postgres, load, figures);
  } finally {
    await cluster.close();
  }
  console.log(flags.json ? JSON.stringify(figures) : table(figures));
  return 0;
}

/**
 * @param {string} database
 * @param {Site} site
 * @param {{ readonly clients: number, readonly seconds: number, readonly callers: number }} load
 * @param {Record<string, Record<string, number>>} figures
 */
async function measure(database, site, { clients, seconds, callers }, figures) {
  await site.ready();
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const name = (/** @type {number} */ index) => `client-${String(index).padStart(6, '0')}`;
  const random = () => name(Math.floor(Math.random() * clients));
  let made = 0;
  let edits = 0;
  /** @type {Record<string, () => readonly [method: string, path: string, body?: unknown]>} */
  const calls = {
    create: () => ['POST', '/api/v1/clients', { name: name(made++), note: 'made by the benchmark' }],
    get: () => ['GET', `/api/v1/clients/${random()}`],
    list: () => ['GET', `/api/v1/clients?limit=100&cursor=${cursor(random())}`],
    search: () => ['GET', `/api/v1/clients?limit=100&q=${random().slice(-4)}`],
    change: () => ['PATCH', `/api/v1/clients/${random()}`, { note: `changed ${edits++}` }],
  };
  for (const [kind, call] of Object.entries(calls)) {
    const ends = kind === 'create' ? { calls: clients } : { seconds };
    figures[`${database} ${kind}`] = await drive(site, agent, callers, call, ends);
    console.error(`${database} ${kind}: ${JSON.stringify(figures[`${database} ${kind}`])}`);
  }
  agent.destroy();
  await site.stop();
}

/**
 * Behind this client, in the order of ids.
 * @param {string} id
 */
function cursor(id) {
  return Buffer.from(JSON.stringify([id, id])).toString('base64url');
}

/**
 * Calls with some callers at a time, each one after the other.
 * @param {Site} site
 * @param {Agent} agent
 * @param {number} callers
 * @param {() => readonly [method: string, path: string, body?: unknown]} next
 * @param {{ readonly calls?: number, readonly seconds?: number }} ends
 */
async function drive(site, agent, callers, next, { calls = Number.POSITIVE_INFINITY, seconds = 3_600 }) {
  /** @type {number[]} */
  const times = [];
  const begun = performance.now();
  let started = 0;
  const caller = async () => {
    while (started < calls && performance.now() - begun < seconds * 1_000) {
      started += 1;
      const [method, path, body] = next();
      const at = performance.now();
      const answer = await site.call(method, path, body, agent);
      times.push(performance.now() - at);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const took = (performance.now() - begun) / 1_000;
  times.sort((a, b) => a - b);
  /** @param {number} share */
  const at = (share) => times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? Number.NaN;
  return { 'calls/s': times.length / took, 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'max ms': at(1) };
}
