import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { openDatabase } from './api/database.mjs';
import { eventually } from './daemon.mjs';
import { privateRun } from './privateRun.mjs';
import { connect, Site, Traffic } from './revocation/site.mjs';
import { table } from './table.mjs';

/** Without a packet for this long, the last one was the last. */
const silenceMs = 500;
const port = 9_999;

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:revocation',
    about:
      'From the API call that disables a client to the last packet that passes, in both directions and under traffic, on one server and on another server of the same PostgreSQL.',
    flags: {
      runs: { is: 'number', shown: 'N', default: 100, help: 'how often' },
      json: { is: 'switch', help: 'JSON instead of a table' },
    },
  });
  return privateRun({
    script: 'revocation.mjs',
    programs: ['nft'],
    measure: (directory) => measureAll(directory, flags),
  });
});

/** @param {string} directory @param {{ runs: number, json: boolean }} flags */
async function measureAll(directory, flags) {
  /** @type {Record<string, Record<string, number>>} */
  const figures = {};
  const alone = new Site(join(directory, 'alone'), 0, null);
  await alone.ready();
  figures['one server'] = await measure(alone, alone, flags.runs);
  await alone.stop();
  const cluster = await openDatabase();
  try {
    const shared = { url: cluster.url, keyFile: join(directory, 'master.key') };
    const here = new Site(join(directory, 'here'), 1, shared, 'other');
    await here.ready();
    const there = new Site(join(directory, 'there'), 2, shared);
    await there.ready();
    figures['two servers'] = await measure(here, there, flags.runs);
    await here.stop();
    await there.stop();
  } finally {
    await cluster.close();
  }
  console.log(flags.json ? JSON.stringify(figures) : table(figures));
  return 0;
}

/**
 * Disables and enables a client again and again.
 * @param {Site} here whose API is called
 * @param {Site} there where the client is connected
 * @param {number} runs
 */
async function measure(here, there, runs) {
  const profile = await there.addClient('bench');
  await eventually('the client', async () => {
    const { status } = await here.call('GET', '/api/v1/clients/bench');
    if (status !== 200) throw new Error(`${status}`);
  });
  const echo = new Traffic('server', ['echo', String(port)]);
  /** @type {number[]} */ const up = [];
  /** @type {number[]} */ const down = [];
  /** @type {number[]} */ const answered = [];
  try {
    for (let run = 1; run <= runs; run++) {
      const client = connect(profile, there.directory);
      const sender = new Traffic('client', ['send', there.gateway, String(port)]);
      try {
        await flowing(sender, client);
        await after(50 + Math.random() * 100);
        const calledAt = process.hrtime.bigint();
        const { status, body } = await here.call('PATCH', '/api/v1/clients/bench', { enabled: false });
        answered.push(Number(process.hrtime.bigint() - calledAt) / 1e6);
        if (status !== 200) throw new Error(`${status} ${body}`);
        const [atServer, atClient] = await silence(echo, sender);
        up.push(sinceCall(atServer, calledAt));
        down.push(sinceCall(atClient, calledAt));
      } finally {
        sender.stop();
        await client.stop();
      }
      await here.call('PATCH', '/api/v1/clients/bench', { enabled: true });
      await eventually('the client to be enabled', async () => {
        const { body } = await there.call('GET', '/api/v1/clients/bench');
        if (!JSON.parse(body).enabled) throw new Error('not yet');
      });
      if (run % 10 === 0)
        console.error(`run ${run}: up ${up.at(-1)?.toFixed(1)} ms, down ${down.at(-1)?.toFixed(1)} ms`);
    }
  } finally {
    echo.stop();
  }
  return {
    runs,
    ...spread('up', up),
    ...spread('down', down),
    ...spread('answer', answered),
  };
}

/** @param {Traffic} sender @param {import('./daemon.mjs').Daemon} client */
function flowing(sender, client) {
  return eventually('traffic', async () => {
    const before = (await sender.state()).got;
    await after(20);
    const grown = (await sender.state()).got - before;
    if (grown < 5) throw new Error(`${grown} datagrams in 20 ms\n${client.output()}`);
  });
}

/**
 * When the last datagram came, on either side, once none comes any more.
 * @param {Traffic} echo
 * @param {Traffic} sender
 */
async function silence(echo, sender) {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const before = [await echo.state(), await sender.state()];
    await after(silenceMs);
    const now = [await echo.state(), await sender.state()];
    if (now.every(({ got }, index) => got === before[index]?.got)) return now.map(({ lastAt }) => lastAt);
    if (performance.now() > deadline) throw new Error('datagrams still pass after 20 s');
  }
}

/**
 * Milliseconds; 0 for a packet before the call.
 * @param {bigint | undefined} at
 * @param {bigint} calledAt
 */
function sinceCall(at, calledAt) {
  return Math.max(0, Number((at ?? calledAt) - calledAt) / 1e6);
}

/** @param {string} name @param {readonly number[]} samples */
function spread(name, samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  /** @param {number} share */
  const at = (share) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { [`${name} p50`]: at(0.5), [`${name} p99`]: at(0.99), [`${name} max`]: at(1) };
}
