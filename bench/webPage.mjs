import { readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { bundleLimit, firstPage } from '../scripts/check/bundle.mjs';
import { eventually } from './daemon.mjs';
import { privateRun } from './privateRun.mjs';
import { Site } from './revocation/site.mjs';
import { table } from './table.mjs';
import { WebBrowser } from './web/browser.mjs';

const password = 'correct horse battery staple';

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:web',
    about:
      'The web UI in Chromium beside a server with many clients: when the first page shows something, and the longest task while the list of clients is opened, scrolled, searched and sorted, and with 200 events a second.',
    flags: {
      clients: { is: 'number', shown: 'N', default: 10000, help: 'that the server knows' },
      rounds: { is: 'number', shown: 'N', default: 3, help: 'how often everything is measured' },
      out: { is: 'text', shown: 'FILE', help: 'for the figures, as JSON' },
      json: { is: 'switch', help: 'JSON instead of a table' },
    },
  });
  return privateRun({
    script: 'webPage.mjs',
    programs: ['nft', 'chromium-headless-shell'],
    measure: (directory) => measureAll(directory, flags),
  });
});

/** @param {string} directory @param {{ clients: number, rounds: number, out: string | undefined, json: boolean }} flags */
async function measureAll(directory, flags) {
  const clients = flags.clients;
  /** @type {Record<string, number>[]} */
  const rounds = [];
  const site = new Site(join(directory, 'server'), 0, null);
  try {
    await site.ready();
    const secret = await eventually('the set-up link', async () => {
      const text = readFileSync(join(directory, 'server', 'state', 'set-up-link'), 'utf8');
      const found = /#(\S+)/.exec(text)?.[1];
      if (found === undefined) throw new Error(text);
      return found;
    });
    const owner = await site.call('POST', '/api/v1/setup', { secret, name: 'olga', password });
    if (owner.status > 299) throw new Error(owner.body);
    await create(site, clients);
    for (let round = 1; round <= flags.rounds; round += 1) {
      const browser = await WebBrowser.launch('http://localhost:8080');
      try {
        await browser.signIn('olga', password);
        const figures = await browser.measure((amount) => stir(site, clients, amount));
        rounds.push(figures);
        console.error(`round ${round}: ${JSON.stringify(figures)}`);
      } finally {
        await browser.close();
      }
    }
  } finally {
    await site.stop();
  }
  const bundle = Object.values(firstPage()).reduce((sum, octets) => sum + octets, 0);
  const result = { clients, bundle, bundleLimit, medians: medians(rounds), rounds };
  if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify(result, null, 2)}\n`);
  const rows = Object.fromEntries(
    Object.entries(result.medians).map(([name, median]) => [name, { 'median ms': median }]),
  );
  console.log(flags.json ? JSON.stringify(result) : table(rows));
  if (!flags.json) console.log(`first page: ${bundle} octets of gzip, of at most ${bundleLimit}`);
  return 0;
}

/**
 * @param {Site} site
 * @param {number} count
 */
async function create(site, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let made = 0;
  const caller = async () => {
    while (made < count) {
      const name = nameOf(made++);
      const body = { name, displayName: `Laptop ${name}`, note: 'made by the benchmark' };
      const answer = await site.call('POST', '/api/v1/clients', body, agent);
      if (answer.status > 299) throw new Error(`${answer.status} ${answer.body}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  agent.destroy();
}

/**
 * Changes clients, 200 a second as far as the server can, which makes as many events; the first page of the list among them.
 * @param {Site} site
 * @param {number} clients
 * @param {number} amount
 * @returns {Promise<number>} changes a second
 */
async function stir(site, clients, amount) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const begun = performance.now();
  let sent = 0;
  const caller = async () => {
    while (sent < amount) {
      const index = sent++;
      const due = begun + index * 5;
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      await site.call(
        'PATCH',
        `/api/v1/clients/${nameOf(index % Math.min(clients, 50))}`,
        { note: `changed ${index}` },
        agent,
      );
    }
  };
  await Promise.all(Array.from({ length: 4 }, caller));
  agent.destroy();
  return (amount * 1_000) / (performance.now() - begun);
}

/** @param {number} index */
function nameOf(index) {
  return `client-${String(index).padStart(6, '0')}`;
}

/** @param {readonly Record<string, number>[]} rounds */
function medians(rounds) {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const sorted = rounds.map((round) => round[name] ?? Number.NaN).sort((a, b) => a - b);
      return [name, sorted[Math.floor(sorted.length / 2)] ?? Number.NaN];
    }),
  );
}
