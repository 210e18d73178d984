import { fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { bootstrap } from '../scripts/bootstrap/bootstrap.mjs';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { compareScraped } from './scrape/tunnel.mjs';

/** What the project wants of itself with this many clients. */
const target = { clients: 10_000, milliseconds: 150, blockMs: 5, moreMemoryBytes: 100e6 };
/** Scrapes before the measured ones: code is compiled while it runs. */
const warmUps = 5;

const cases = [
  { subject: 'ours', gzip: false },
  { subject: 'ours', gzip: true },
  { subject: 'prom-client', gzip: false },
];

/** @typedef {{ milliseconds: number, bytes: number, blockMs: number, workMs: number, cpuSeconds: number }} Scrape */
/** @typedef {{ subject: string, clients: number, moreMemoryBytes: number, best: Scrape, median: Scrape }} Result */

await runMain(async () => {
  const { rounds, clients, json, tunnel, seconds } = readFlags({
    name: 'npm run bench:scrape',
    about:
      'A scrape of full series per client, beside prom-client; or the throughput of a tunnel while its server is scraped.',
    flags: {
      rounds: { is: 'number', shown: 'N', default: 15, help: 'how often everything is measured' },
      clients: { is: 'text', shown: 'N,N', help: 'how many (default: 100,1000,10000; with --tunnel: 10000)' },
      tunnel: { is: 'switch', help: 'measure a tunnel meanwhile' },
      seconds: { is: 'number', shown: 'N', default: 5, help: 'length of a load through the tunnel' },
      json: { is: 'switch', help: 'JSON instead of a table' },
    },
  });
  if (tunnel) return compareScraped({ clients: Number(clients ?? 10_000), rounds, seconds, json });
  await bootstrap({ packages: true });
  /** @type {Result[]} */
  const results = [];
  for (const count of (clients ?? '100,1000,10000').split(',').map(Number)) {
    for (const { subject, gzip } of cases) {
      results.push(await measure(subject, gzip, count, rounds));
    }
  }
  if (json) console.log(JSON.stringify(results, null, 2));
  else print(results);
  return 0;
});

/**
 * @param {string} subject @param {boolean} gzip @param {number} clients @param {number} rounds
 * @returns {Promise<Result>}
 */
async function measure(subject, gzip, clients, rounds) {
  const child = fork(
    fileURLToPath(new URL('scrape/subject.mjs', import.meta.url)),
    [subject, String(clients)],
    {
      execArgv: [],
    },
  );
  try {
    const [{ port, rss }] = await once(child, 'message');
    /** @type {Scrape[]} */
    const scrapes = [];
    let peakBytes = 0;
    for (let round = 0; round < warmUps + rounds; round++) {
      // Watching every turn of the loop costs CPU time: another scrape tells how much one needs.
      const timed = await oneScrape(child, 'tick', port, gzip);
      const watched = await oneScrape(child, 'watch', port, gzip);
      peakBytes = watched.peakBytes;
      scrapes.push({ ...timed, blockMs: watched.blockMs, workMs: watched.workMs });
    }
    const warm = scrapes.slice(warmUps);
    return {
      subject: gzip ? `${subject}, gzip` : subject,
      clients,
      moreMemoryBytes: peakBytes - rss,
      best: summary(warm, (sorted) => sorted[0]),
      median: summary(warm, (sorted) => sorted[sorted.length >> 1]),
    };
  } finally {
    child.kill();
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child @param {'tick' | 'watch'} kind
 * @param {number} port @param {boolean} gzip
 * @returns {Promise<Scrape & { peakBytes: number }>}
 */
async function oneScrape(child, kind, port, gzip) {
  child.send(kind);
  await once(child, 'message');
  const received = await scrape(port, gzip);
  child.send('report');
  const [report] = await once(child, 'message');
  return { ...received, ...report };
}

/** @param {number} port @param {boolean} gzip @returns {Promise<{ milliseconds: number, bytes: number }>} */
function scrape(port, gzip) {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const headers = gzip ? { 'accept-encoding': 'gzip' } : {};
    get({ host: '127.0.0.1', port, path: '/metrics', headers, agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (/** @type {Buffer} */ chunk) => (bytes += chunk.length));
      response.on('end', () => resolve({ milliseconds: performance.now() - startedAt, bytes }));
    }).on('error', reject);
  });
}

/** @param {readonly Scrape[]} scrapes @param {(sorted: readonly number[]) => number | undefined} pick @returns {Scrape} */
function summary(scrapes, pick) {
  /** @param {keyof Scrape} key */
  const of = (key) => pick(scrapes.map((one) => one[key]).sort((a, b) => a - b)) ?? Number.NaN;
  return {
    milliseconds: of('milliseconds'),
    bytes: of('bytes'),
    blockMs: of('blockMs'),
    workMs: of('workMs'),
    cpuSeconds: of('cpuSeconds'),
  };
}

/** @param {readonly Result[]} results */
function print(results) {
  const columns = [
    'clients',
    'subject',
    'time ms',
    '(best)',
    'block ms',
    'work ms',
    'CPU s',
    'MB sent',
    'MB more',
  ];
  const rows = results.map(({ clients, subject, median, best, moreMemoryBytes }) => [
    String(clients),
    subject,
    median.milliseconds.toFixed(1),
    best.milliseconds.toFixed(1),
    median.blockMs.toFixed(1),
    median.workMs.toFixed(1),
    median.cpuSeconds.toFixed(3),
    (median.bytes / 1e6).toFixed(2),
    (moreMemoryBytes / 1e6).toFixed(0),
  ]);
  const widths = columns.map((column, at) =>
    Math.max(...[columns, ...rows].map((row) => row[at]?.length ?? 0), column.length),
  );
  for (const row of [columns, ...rows]) {
    console.log(
      row
        .map((cell, at) => (at === 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  '),
    );
  }
  console.log(
    '\nMedians of the measured scrapes. block: longest turn of the event loop; work: the longest in CPU time, which is' +
      '\nwhat it takes where the machine has nothing else to do; more: peak memory above that before the first scrape.\n',
  );
  for (const { subject, clients, median, moreMemoryBytes } of results) {
    if (clients !== target.clients || !subject.startsWith('ours')) continue;
    verdict(`${subject}: time`, median.milliseconds, target.milliseconds, 'ms');
    verdict(`${subject}: longest block (work)`, median.workMs, target.blockMs, 'ms');
    verdict(`${subject}: more memory`, moreMemoryBytes / 1e6, target.moreMemoryBytes / 1e6, 'MB');
  }
}

/** @param {string} what @param {number} value @param {number} limit @param {string} unit */
function verdict(what, value, limit, unit) {
  console.log(
    `${value <= limit ? 'met   ' : 'MISSED'}  ${what} ${value.toFixed(1)} ${unit} (at most ${limit} ${unit})`,
  );
}
