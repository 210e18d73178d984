// npm run acme:check: a real order at a real ACME authority (Pebble), by the server as it is started, and a renewal while connections are
// open. Everything runs on loopback in a network namespace of its own.
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { connect } from 'node:tls';
import { startNameServer } from './acme/nameServer.mjs';
import { preparePebble, startPebble } from './acme/pebble.mjs';
import { launch } from './acme/program.mjs';
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runMain, StepFailure } from './bootstrap/failure.mjs';
import { inPrivateNetwork, insideVariable } from './bootstrap/privateNetwork.mjs';
import { become, run, tail } from './bootstrap/program.mjs';
import { inRepository } from './bootstrap/repository.mjs';

const pebbleVariable = 'MASQUE_VPN_PEBBLE';
const name = 'vpn.example.org';
const frontPort = 5_001;
const pebblePort = 14_000;
/** Of a certificate: long enough to be renewed at two thirds, by a look every 30 seconds. */
const validitySeconds = 120;
const report = 'Report it, with what was printed.';

await runMain(async () => {
  const pebble = process.env[pebbleVariable];
  if (process.env[insideVariable] === '1' && pebble !== undefined) return check(pebble);
  await bootstrap({ programs: ['ip', 'unshare', 'setpriv'], engine: true, packages: true });
  const program = await preparePebble();
  const inside = await inPrivateNetwork(process.execPath, [inRepository('scripts', 'acmeCheck.mjs')]);
  return become(inside.name, inside.args, { ...inside.env, [pebbleVariable]: program });
});

/** @param {string} pebbleProgram */
async function check(pebbleProgram) {
  await run('ip', ['link', 'set', 'lo', 'up']);
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-acme-'));
  const nameServer = await startNameServer();
  /** @type {import('./acme/program.mjs').Running[]} */
  const running = [];
  try {
    const pebble = await startPebble({
      ...{ program: pebbleProgram, directory, validitySeconds, nameServer: nameServer.address },
      ...{ port: pebblePort, tlsPort: frontPort },
    });
    running.push(pebble.running);
    await eventually('Pebble', pebble.running, 20, () => pebble.running.output().includes('Listening on'));
    const server = startServer(directory, pebble);
    running.push(server);

    const issued = await eventually('the first certificate', server, 60, async () => {
      const shown = await shownAt(frontPort);
      return shown.issuer.includes('Pebble') ? shown : null;
    });
    say(`the front port presents a certificate of ${issued.issuer}, valid for ${issued.names}`);
    for (const file of ['acme.pem', 'acme-account.key', 'acme.json']) {
      const mode = statSync(join(directory, 'state', file)).mode & 0o777;
      if (mode !== 0o600)
        throw new StepFailure('look at the files', `${file} has mode ${mode.toString(8)}`, report);
    }
    say('keys and certificate are there for their owner only');
    if (await isChallengeAnswered())
      throw new StepFailure('ask for a challenge', 'it is still answered', report);
    say('no challenge is answered any more');
    await renewal(issued, server);
    return 0;
  } finally {
    for (const each of running.reverse()) await each.stop();
    nameServer.close();
    rmSync(directory, { recursive: true });
  }
}

/**
 * @param {Shown} first
 * @param {import('./acme/program.mjs').Running} server
 */
async function renewal(first, server) {
  // The port closes what is older than a minute; so the connection is opened when the renewal is near.
  await after(Math.max(0, (validitySeconds * 1_000 * 2) / 3 - 2_000));
  const session = connectHttp2(`https://127.0.0.1:${frontPort}`, {
    servername: name,
    rejectUnauthorized: false,
  });
  await once(session, 'connect');
  const before = await shownAt(frontPort);
  if (before.fingerprint !== first.fingerprint) {
    throw new StepFailure('renew', 'it was renewed before two thirds of its life', report);
  }
  let isOpen = true;
  session.on('close', () => (isOpen = false));
  const alive = setInterval(() => session.ping(() => undefined), 2_000);
  try {
    const second = await eventually('the renewal', server, 60, async () => {
      const shown = await shownAt(frontPort);
      return shown.fingerprint === first.fingerprint ? null : shown;
    });
    if (!second.issuer.includes('Pebble'))
      throw new StepFailure('renew', `it is of ${second.issuer}`, report);
    const request = session.request({ ':method': 'GET', ':path': '/' });
    const [headers] = await once(request, 'response');
    request.close();
    if (!isOpen) throw new StepFailure('renew', 'the open connection was closed', report);
    say(`it was renewed; a connection from before is open and answers (${headers[':status']})`);
  } finally {
    clearInterval(alive);
    session.destroy();
  }
}

/**
 * @param {string} directory
 * @param {{ directoryUrl: string, caFile: string }} pebble
 */
function startServer(directory, { directoryUrl, caFile }) {
  const config = join(directory, 'server.toml');
  const lines = [
    '[server]',
    `listen = "127.0.0.1:${frontPort}"`,
    `state_dir = "${join(directory, 'state')}"`,
    `runtime_dir = "${join(directory, 'run')}"`,
    // The port that is looked at shows it, too.
    'tunnel_certificate = "own"',
    '[acme]',
    `domains = ["${name}"]`,
    'email = "admin@example.org"',
    `directory = "${directoryUrl}"`,
    `ca_file = "${caFile}"`,
    '[network]',
    'manage = false',
    '[api]',
    'listen = "127.0.0.1:0"',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  const program = inRepository('packages', 'cli', 'dist', 'bin.js');
  return launch(process.execPath, [program, 'server', '--config', config]);
}

/**
 * What the port presents.
 * @typedef {object} Shown
 * @property {string} issuer
 * @property {string} names
 * @property {string} fingerprint
 */

/** @param {number} port @returns {Promise<Shown>} */
async function shownAt(port) {
  const socket = connect({ host: '127.0.0.1', port, servername: name, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    const { issuer, subjectaltname, fingerprint256 } = socket.getPeerCertificate();
    return { issuer: String(issuer.CN), names: subjectaltname ?? '', fingerprint: fingerprint256 };
  } finally {
    socket.destroy();
  }
}

async function isChallengeAnswered() {
  const options = { host: '127.0.0.1', port: frontPort, servername: name, rejectUnauthorized: false };
  const socket = connect({ ...options, ALPNProtocols: ['acme-tls/1'] });
  try {
    await once(socket, 'secureConnect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Looks again and again until there is something.
 * @template T
 * @param {string} what
 * @param {import('./acme/program.mjs').Running} program whose output tells why not
 * @param {number} seconds
 * @param {() => T | null | false | Promise<T | null | false>} look
 * @returns {Promise<T>}
 */
async function eventually(what, program, seconds, look) {
  const deadline = performance.now() + seconds * 1_000;
  for (;;) {
    /** @type {T | null | false} */
    let found = null;
    try {
      found = await look();
    } catch {
      // Not open yet.
    }
    if (found !== null && found !== false) return found;
    if (program.ended() || performance.now() > deadline) {
      throw new StepFailure(`wait for ${what}`, tail(program.output(), 30), report);
    }
    await after(250);
  }
}

/** @param {string} line */
function say(line) {
  console.log(`✓ ${line}`);
}
