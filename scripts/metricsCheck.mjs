// npm run metrics:check: contract = reference = registry = docs = dashboard = alerts, and what each of them has.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runMain } from './bootstrap/failure.mjs';
import { findProgram, run, tail } from './bootstrap/program.mjs';
import { inRepository } from './bootstrap/repository.mjs';

/** Tests that compare what names do not show: types, help, labels, values, buckets, feeds, queries, links. */
const suites = [
  'packages/server/src/metrics/contract.test.ts',
  'packages/server/src/metrics/feeds.test.ts',
  'packages/server/src/metrics/documentation.test.ts',
  'packages/observability/src',
];

/** @param {readonly string[]} path */
const text = (...path) => readFileSync(inRepository(...path), 'utf8');

/**
 * Metrics that a query or a document names; of a histogram's three series the histogram, recorded ones left out.
 * @param {string} content
 * @param {ReadonlySet<string>} known
 */
function namedMetrics(content, known) {
  const names = [...content.matchAll(/(?<![\w:])masque_vpn_\w+/g)].map(([name]) => {
    const histogram = name.replace(/_(bucket|sum|count)$/, '');
    return known.has(name) || !known.has(histogram) ? name : histogram;
  });
  return new Set(names);
}

/** @param {string} content @param {RegExp} pattern one group: the name */
const headings = (content, pattern) => new Set([...content.matchAll(pattern)].map(([, name = '']) => name));

/**
 * @typedef {object} Source
 * @property {string} name
 * @property {ReadonlySet<string>} metrics
 * @property {boolean} complete whether it must have every metric of the contract
 */

/** @returns {Promise<readonly Source[]>} the contract first */
async function readSources() {
  /** @param {string} file @returns {Promise<unknown>} */
  const built = (file) =>
    import(pathToFileURL(inRepository('packages', 'server', 'dist', 'metrics', file)).href);
  const { contract } = /** @type {{ contract: Record<string, { name: string }> }} */ (
    await built('contract.js')
  );
  const { Registry } = /** @type {{ Registry: new () => { render(): string } }} */ (
    await built('registry.js')
  );
  const declared = new Set(Object.values(contract).map(({ name }) => name));
  /** @param {...string} path */
  const named = (...path) => namedMetrics(text(...path), declared);
  const reference = text('docs', 'metrics-reference.md');
  return [
    { name: 'contract', metrics: declared, complete: true },
    {
      name: 'registry (# TYPE lines)',
      metrics: headings(new Registry().render(), /^# TYPE (\S+)/gm),
      complete: true,
    },
    {
      name: 'docs/metrics.md',
      metrics: headings(text('docs', 'metrics.md'), /^### (masque_vpn_\S+)$/gm),
      complete: true,
    },
    {
      name: 'docs/metrics-reference.md',
      metrics: headings(reference, /^### (masque_vpn_\S+)$/gm),
      complete: false,
    },
    { name: 'its queries and alerts', metrics: namedMetrics(reference, declared), complete: false },
    { name: 'dashboard', metrics: named('grafana', 'masque-vpn-dashboard.json'), complete: false },
    { name: 'recording rules', metrics: named('prometheus', 'recording.yml'), complete: false },
    { name: 'alerts', metrics: named('prometheus', 'alerts.yml'), complete: false },
  ];
}

/** @param {readonly Source[]} sources @returns {boolean} whether all agree */
function compareNames(sources) {
  const declared = sources[0]?.metrics ?? new Set();
  let agree = true;
  console.log(`${'source'.padEnd(28)}${'metrics'.padStart(8)}  differs from the contract`);
  for (const { name, metrics, complete } of sources) {
    const unknown = [...metrics].filter((metric) => !declared.has(metric));
    const missing = complete ? [...declared].filter((metric) => !metrics.has(metric)) : [];
    const problems = [
      ...unknown.map((metric) => `${metric} is not declared`),
      ...missing.map((metric) => `${metric} is missing`),
    ];
    agree &&= problems.length === 0;
    console.log(`${name.padEnd(28)}${String(metrics.size).padStart(8)}  ${problems.join(', ') || 'no'}`);
  }
  return agree;
}

/** @returns {Promise<boolean>} */
async function runSuites() {
  const vitest = inRepository('node_modules', 'vitest', 'vitest.mjs');
  const { code, output } = await run(
    process.execPath,
    [vitest, 'run', '--project', 'typescript', '--reporter', 'json', ...suites],
    { env: { NO_COLOR: '1' } },
  );
  const start = output.indexOf('{"');
  const counted = /"numTotalTests":(\d+),"numPassedTests":(\d+)/.exec(output.slice(start));
  if (counted === null) console.log(tail(output));
  else
    console.log(
      `${counted[2]} of ${counted[1]} comparisons of types, labels, values, buckets, feeds and queries hold`,
    );
  return code === 0;
}

/** Debian's promtool, where it is installed. @returns {Promise<boolean>} */
async function checkRules() {
  if (findProgram('promtool') === null) {
    console.log(
      'promtool is not installed (apt-get install prometheus): rules not checked by Prometheus itself',
    );
    return true;
  }
  const rules = ['alerts.yml', 'recording.yml'].map((file) => inRepository('prometheus', file));
  const { code, output } = await run('promtool', ['check', 'rules', ...rules]);
  console.log(code === 0 ? 'promtool check rules: in order' : tail(output));
  return code === 0;
}

await runMain(async () => {
  await bootstrap({ packages: true });
  const agree = compareNames(await readSources());
  const outcomes = [agree, await runSuites(), await checkRules()];
  return outcomes.every(Boolean) ? 0 : 1;
});
