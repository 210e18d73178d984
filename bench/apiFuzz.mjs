import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { runMain, StepFailure } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { environment, run, tail } from '../scripts/bootstrap/program.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { mustRun } from './network.mjs';
import { privateRun } from './privateRun.mjs';
import { Site } from './revocation/site.mjs';

const version = '4.32.5';
const home = inRepository('.cache', `schemathesis-${version}`);

/** What must hold for every answer. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
].join(',');

/** Streams that never end, and what leaves for other machines: a browser to a provider. */
const leftOut = ['listenToEvents', 'startOidc', 'finishOidc'];

await runMain(async () => {
  const { examples } = readFlags({
    name: 'npm run fuzz:api',
    about:
      'schemathesis against a whole server and its OpenAPI document; needs Python 3 and its package index.',
    flags: { examples: { is: 'number', shown: 'N', default: 30, help: 'for each operation, at most' } },
  });
  return privateRun({
    script: 'apiFuzz.mjs',
    programs: ['nft'],
    prepare: install,
    measure: (directory) => fuzz(directory, examples),
  });
});

/** Into an environment of its own, once. */
async function install() {
  const found = await run(join(home, 'bin', 'schemathesis'), ['--version']);
  if (found.code === 0) return;
  const advice = 'install Python 3 with its venv module (Debian: apt-get install python3-venv)';
  const made = await run('python3', ['-m', 'venv', home]);
  if (made.code !== 0) throw new StepFailure('schemathesis', tail(made.output, 3), advice);
  const installed = await run(join(home, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${version}`]);
  if (installed.code !== 0) throw new StepFailure('schemathesis', tail(installed.output, 3), advice);
}

/** @param {string} directory @param {number} examples */
async function fuzz(directory, examples) {
  const site = new Site(directory, 0, null);
  await site.ready();
  // Over TCP to the administration socket: nothing the fuzzer deletes takes its own rights away.
  await mustRun('ip', ['link', 'set', 'lo', 'up']);
  const bridge = createServer((caller) => {
    const server = connect(site.socket);
    caller.on('error', () => server.destroy()).pipe(server);
    server.on('error', () => caller.destroy()).pipe(caller);
  });
  bridge.listen(0, '127.0.0.1');
  await once(bridge, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (bridge.address());
  const child = spawn(
    join(home, 'bin', 'schemathesis'),
    [
      ...['run', `http://127.0.0.1:${port}/api/openapi.json`],
      ...['--checks', checks, '--max-examples', String(examples), '--suppress-health-check', 'all'],
      ...leftOut.flatMap((operation) => ['--exclude-operation-id', operation]),
      ...['--request-timeout', '20', '--no-color'],
    ],
    { stdio: 'inherit', env: { ...environment(), HOME: directory }, cwd: directory },
  );
  const [code] = await once(child, 'close');
  bridge.close();
  await site.stop();
  return code ?? 1;
}
