import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { environment } from '../scripts/bootstrap/program.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { eventually, start } from './daemon.mjs';
import { inside, mustRun, outer } from './network.mjs';
import { privateRun } from './privateRun.mjs';

const program = [process.execPath, inRepository('packages', 'cli', 'dist', 'bin.js')];
/** Of the default pool: the server itself, which always answers. */
const inner = '10.89.0.1';

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:first-client',
    about:
      'What a new user does from an installed tree to the first answer through the tunnel, and how long each step takes the machine. Reading and typing come on top.',
    flags: {
      json: { is: 'switch', help: 'JSON instead of a table' },
    },
  });
  return privateRun({
    script: 'firstClient.mjs',
    programs: ['nft', 'ping'],
    measure: (directory) => measureAll(directory, flags),
  });
});

/**
 * @typedef {object} Step
 * @property {string} where
 * @property {string} typed
 * @property {string} until what is waited for
 * @property {number} seconds
 */

/** @param {string} directory @param {{ json: boolean }} flags */
async function measureAll(directory, flags) {
  /** @type {Step[]} */
  const steps = [];
  /** @type {import('./daemon.mjs').Daemon[]} */
  const running = [];
  /**
   * @template T
   * @param {Omit<Step, 'seconds'>} step
   * @param {() => Promise<T>} work
   */
  const timed = async (step, work) => {
    const began = performance.now();
    const result = await work();
    steps.push({ ...step, seconds: (performance.now() - began) / 1000 });
    return result;
  };
  try {
    const socket = join(directory, 'run', 'admin.sock');
    // What a machine with a default route and default folders does not need to be told.
    const config = join(directory, 'server.toml');
    const places = { state_dir: join(directory, 'state'), runtime_dir: join(directory, 'run') };
    const lines = Object.entries({ host: outer.server, ...places }).map(
      ([key, value]) => `${key} = "${value}"`,
    );
    writeFileSync(config, `[server]\n${lines.join('\n')}\n`, { mode: 0o600 });

    await timed({ where: 'server', typed: 'masque-vpn server', until: 'it says that it is ready' }, () => {
      const server = start('server', [...program, 'server', '--config', config]);
      running.push(server);
      return eventually('server', async () => {
        if (!server.output().includes('is ready')) throw new Error(server.output());
      });
    });
    await timed(
      { where: 'server', typed: 'the set-up link, a name and a password', until: 'the first owner' },
      () => setUp(socket, join(places.state_dir, 'set-up-link')),
    );
    const link = await timed(
      { where: 'server', typed: 'masque-vpn admin client add alice --link', until: 'the link' },
      async () => {
        const output = await mustRun('ip', [
          ...inside('server', [
            ...program,
            'admin',
            '--socket',
            socket,
            'client',
            'add',
            'alice',
            '--link',
            '--json',
          ]),
        ]);
        return String(JSON.parse(output).enrolment.link);
      },
    );
    const profile = join(directory, 'alice.toml');
    await timed({ where: 'client', typed: 'masque-vpn enroll', until: 'the profile' }, () =>
      enroll(link, profile),
    );
    await timed(
      { where: 'client', typed: 'masque-vpn connect alice.toml', until: 'the first answer to ping' },
      () => {
        const client = start('client', [
          ...[...program, 'connect', profile],
          ...['--state-dir', join(directory, 'client'), '--runtime-dir', join(directory, 'client-run')],
        ]);
        running.push(client);
        return eventually('an answer', async () => {
          await mustRun('ip', inside('client', ['ping', '-n', '-c', '1', '-W', '1', inner])).catch(
            (error) => {
              throw new Error(`${error}\n${client.output()}`);
            },
          );
        });
      },
    );
  } finally {
    for (const daemon of running.reverse()) await daemon.stop();
  }
  console.log(flags.json ? JSON.stringify(steps) : text(steps));
  return 0;
}

/**
 * What the set-up page does with the link that the server prints; without a terminal it is in a file.
 * @param {string} socketPath
 * @param {string} file
 */
async function setUp(socketPath, file) {
  const secret = await eventually('the set-up link', async () => {
    const found = /#(\S+)/.exec(readFileSync(file, 'utf8'))?.[1];
    if (found === undefined) throw new Error('there is no link in the file');
    return found;
  });
  const body = JSON.stringify({ secret, name: 'olga', password: 'correct horse battery staple' });
  const call = request({
    ...{ socketPath, method: 'POST', path: '/api/v1/setup' },
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  });
  call.end(body);
  const [response] = await once(call, 'response');
  response.resume();
  if (response.statusCode > 299) throw new Error(`the set-up link: ${response.statusCode}`);
}

/**
 * The link on standard input, as it would be pasted.
 * @param {string} link
 * @param {string} profile
 * @returns {Promise<void>}
 */
function enroll(link, profile) {
  const command = inside('client', [...program, 'enroll', '-', '--out', profile]);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'ip', ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: environment(),
  });
  let problem = '';
  child.stderr.on('data', (chunk) => (problem += chunk));
  child.stdin.end(`${link}\n`);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(problem))));
  });
}

/** @param {readonly Step[]} steps */
function text(steps) {
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = steps.map(
    ({ where, typed, until, seconds }, index) =>
      `${index + 1}  ${where}  ${typed.padEnd(42)}${seconds.toFixed(1).padStart(6)} s  until ${until}`,
  );
  return [...rows, `${steps.length} steps, ${total.toFixed(1)} s`].join('\n');
}
