import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runMain } from '../scripts/bootstrap/failure.mjs';
import { readFlags } from '../scripts/bootstrap/flags.mjs';
import { start } from './daemon.mjs';
import { masqueVpn } from './peers/masqueVpn.mjs';
import { openTunnel } from './peers/peer.mjs';
import { milliseconds, Receiver } from './policy/receiver.mjs';
import { privateRun } from './privateRun.mjs';

const stream = fileURLToPath(new URL('./policy/stream.mjs', import.meta.url));
const port = 9_000;
const packetsPerSecond = 4_000;

await runMain(async () => {
  const flags = readFlags({
    name: 'npm run bench:policy',
    about: 'How long after the API call the last packet passes that a new rule denies.',
    flags: {
      changes: { is: 'number', shown: 'N', default: 100, help: 'of the rule' },
      json: { is: 'switch', help: 'JSON instead of a table' },
    },
  });
  return privateRun({
    script: 'policyChange.mjs',
    programs: ['nft', 'ping'],
    measure: (directory) => measureAll(directory, flags),
  });
});

/**
 * Denies and allows a stream of 32 Mbit/s, again and again.
 * @param {string} directory
 * @param {{ changes: number, json: boolean }} flags
 */
async function measureAll(directory, flags) {
  const tunnel = await openTunnel(masqueVpn, directory);
  const socketPath = join(directory, 'run', 'admin.sock');
  const receiver = new Receiver(stream, port);
  const sender = start('client', [
    ...[process.execPath, stream, 'send'],
    ...[tunnel.serverAddress, String(port), String(packetsPerSecond)],
  ]);
  /** @type {{ deny: number[], allow: number[] }} */
  const delays = { deny: [], allow: [] };
  try {
    const rule = await call(socketPath, 'POST', '/api/v1/rules', {
      ...{ action: 'deny', enabled: false, protocol: 'udp', position: 1 },
      subject: { kind: 'client', id: 'bench' },
      destination: { kind: 'prefixes', prefixes: [`${tunnel.serverAddress}/32`] },
    });
    const path = `/api/v1/rules/${rule.id}`;
    await receiver.moving();
    for (let change = 0; change < flags.changes; change++) {
      const denied = process.hrtime.bigint();
      await call(socketPath, 'PATCH', path, { enabled: true });
      delays.deny.push(milliseconds((await receiver.silent()).last - denied));
      const allowed = process.hrtime.bigint();
      await call(socketPath, 'PATCH', path, { enabled: false });
      await receiver.moving();
      delays.allow.push(milliseconds(process.hrtime.bigint() - allowed));
    }
  } finally {
    receiver.stop();
    await sender.stop();
    await tunnel.down();
  }
  const result = { deny: summary(delays.deny), allow: summary(delays.allow) };
  if (flags.json) console.log(JSON.stringify({ ...result, delays }));
  else {
    console.log(`${delays.deny.length} changes under ${(packetsPerSecond * 8) / 1_000} Mbit/s, milliseconds`);
    for (const [kind, { median, p99, worst }] of Object.entries(result)) {
      const what = kind === 'deny' ? 'API call → last packet' : 'API call → first packet again';
      console.log(`${what.padEnd(30)} median ${median}, p99 ${p99}, worst ${worst}`);
    }
  }
  return 0;
}

/** @param {readonly number[]} values */
function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1));
  return { median: at(0.5), p99: at(0.99), worst: at(1) };
}

/**
 * A call over the administration socket.
 * @param {string} socketPath
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 * @returns {Promise<any>}
 */
function call(socketPath, method, path, body) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { host: 'localhost', 'content-type': 'application/json' };
    const sent = request({ socketPath, method, path, headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (chunk) => (answer += chunk));
      response.on('end', () => {
        if ((response.statusCode ?? 0) < 300) resolve(answer === '' ? null : JSON.parse(answer));
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${answer}`));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
