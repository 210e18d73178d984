// Scrapes the server on this machine every second, as Prometheus does; says at the end how often and how long it took.
import { get } from 'node:http';
import { performance } from 'node:perf_hooks';

const headers = { 'accept-encoding': 'gzip', 'x-prometheus-scrape-timeout-seconds': '1' };
/** @type {number[]} */
const took = [];

function scrape() {
  const startedAt = performance.now();
  get({ host: '127.0.0.1', port: 8080, path: '/metrics', headers, agent: false }, (response) => {
    response.resume();
    response.on('end', () => took.push(performance.now() - startedAt));
  }).on('error', (error) => {
    console.error(String(error));
    process.exitCode = 1;
  });
}

scrape();
setInterval(scrape, 1_000);
process.on('SIGTERM', () => {
  console.log(JSON.stringify(took));
  process.exit();
});
