import { pathToFileURL } from 'node:url';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { start } from '../daemon.mjs';
import { iperf } from '../load/iperf.mjs';
import { tcpLoads } from '../measures/tcp.mjs';
import { masqueVpnWith } from '../peers/masqueVpn.mjs';
import { openTunnel } from '../peers/peer.mjs';
import { privateRun } from '../privateRun.mjs';
import { median } from '../report/statistics.mjs';

/** @typedef {{ clients: number, rounds: number, seconds: number, json: boolean }} Options `clients` have series */
/** @typedef {{ load: string, scraped: boolean, mbitPerSecond: number }} Run */

const measured = /** @type {const} */ (['tcpUp', 'tcpDown']);

/**
 * A tunnel's throughput while its server is scraped every second, and while nobody scrapes it, in turns.
 * @param {Options} options
 * @returns {Promise<number>} exit code
 */
export const compareScraped = (options) =>
  privateRun({
    script: 'scrape.mjs',
    programs: ['nft', 'ping', 'iperf3'],
    measure: (directory) => measureBoth(options, directory),
  });

/** @param {Options} options @param {string} directory */
async function measureBoth({ clients, rounds, seconds, json }, directory) {
  const preload = pathToFileURL(inRepository('bench', 'scrape', 'manyClients.mjs'));
  preload.searchParams.set('clients', String(clients));
  /** @type {Run[]} */
  const runs = [];
  /** @type {number[]} */
  const scrapes = [];
  const tunnel = await openTunnel(masqueVpnWith({ serverFlags: ['--import', preload.href] }), directory);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const load of measured) {
        // Whoever is first in one round is second in the next.
        for (const scraped of round % 2 === 0 ? [false, true] : [true, false]) {
          const { mbitPerSecond, took } = await oneRun(tunnel, load, seconds, scraped);
          runs.push({ load, scraped, mbitPerSecond });
          scrapes.push(...took);
          console.error(`${load} ${scraped ? 'scraped' : 'quiet'}: ${mbitPerSecond.toFixed(0)} Mbit/s`);
        }
      }
    }
  } finally {
    await tunnel.down();
  }
  if (json) console.log(JSON.stringify({ runs, scrapes }));
  else print(runs, scrapes, clients);
  return 0;
}

/**
 * @param {import('../peers/peer.mjs').Tunnel} tunnel @param {typeof measured[number]} load @param {number} seconds
 * @param {boolean} scraped
 * @returns {Promise<{ mbitPerSecond: number, took: readonly number[] }>} `took`: milliseconds of each scrape
 */
async function oneRun(tunnel, load, seconds, scraped) {
  const scraper = scraped
    ? start('server', [process.execPath, inRepository('bench', 'scrape', 'everySecond.mjs')])
    : null;
  const { mbitPerSecond } = await iperf(tunnel, { args: tcpLoads[load], seconds });
  await scraper?.stop();
  const took = scraper === null ? [] : JSON.parse(scraper.output());
  if (scraped && took.length === 0) throw new Error('no scrape was answered');
  return { mbitPerSecond, took };
}

/** @param {readonly Run[]} runs @param {readonly number[]} scrapes @param {number} clients */
function print(runs, scrapes, clients) {
  for (const load of measured) {
    /** @param {boolean} scraped */
    const of = (scraped) =>
      runs.filter((run) => run.load === load && run.scraped === scraped).map((run) => run.mbitPerSecond);
    const [quiet, scraped] = [of(false), of(true)];
    // Of two neighbours, whatever else the machine does hits both alike.
    const ratio = median(quiet.map((mbitPerSecond, round) => (scraped[round] ?? Number.NaN) / mbitPerSecond));
    console.log(
      `${load.padEnd(7)} ${median(quiet)?.toFixed(0)} Mbit/s quiet, ${median(scraped)?.toFixed(0)} scraped every ` +
        `second; median of the rounds' ratios ${ratio?.toFixed(3)}`,
    );
  }
  console.log(
    `${clients} clients with series; ${scrapes.length} scrapes, median ${(median(scrapes) ?? Number.NaN).toFixed(0)} ms`,
  );
}
