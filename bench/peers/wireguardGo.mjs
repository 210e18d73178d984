import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { findProgram, run, tail } from '../../scripts/bootstrap/program.mjs';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { eventually, start } from '../daemon.mjs';
import { ip, namespaces, outer } from '../network.mjs';

const inner = { client: '10.9.0.2', server: '10.9.0.1' };
const links = { client: 'wgbenchc', server: 'wgbenchs' };
const port = 51820;
const mtu = 1420;

/**
 * wireguard-go: the program named by WG_GO, or built here where there is Go; null without either.
 * @returns {Promise<import('./peers.mjs').Peer | null>}
 */
export async function wireguardGo() {
  const program = process.env['WG_GO'] ?? (await build());
  return program === null ? null : { name: 'wireguard-go', up: () => up(program) };
}

async function build() {
  const program = inRepository('.cache', 'go', 'wireguard');
  if (existsSync(program)) return program;
  if (findProgram('go') === null) return null;
  const { code, output } = await run('go', ['install', 'golang.zx2c4.com/wireguard@latest'], {
    env: { GOBIN: inRepository('.cache', 'go') },
  });
  if (code === 0) return program;
  console.error(`wireguard-go does not build here and is left out: ${tail(output, 3)}`);
  return null;
}

/** @param {string} program */
async function up(program) {
  const keys = { client: makeKey(), server: makeKey() };
  const server = await side(program, 'server', keys.server, [
    `listen_port=${port}`,
    `public_key=${keys.client.publicHex}`,
    `allowed_ip=${inner.client}/32`,
  ]);
  const client = await side(program, 'client', keys.client, [
    `public_key=${keys.server.publicHex}`,
    `endpoint=${outer.server}:${port}`,
    `allowed_ip=10.9.0.0/24`,
  ]);
  return {
    serverAddress: inner.server,
    pids: [client.pid, server.pid],
    down: async () => {
      await client.stop();
      await server.stop();
    },
  };
}

/**
 * @param {string} program
 * @param {'client' | 'server'} which
 * @param {{ privateHex: string }} key
 * @param {readonly string[]} peer lines of wireguard's configuration protocol
 */
async function side(program, which, key, peer) {
  const daemon = start(which, [program, '-f', links[which]]);
  await eventually('wireguard-go', () =>
    configure(`/var/run/wireguard/${links[which]}.sock`, ['set=1', `private_key=${key.privateHex}`, ...peer]),
  );
  const link = ['-n', namespaces[which]];
  await ip(...link, 'addr', 'add', `${inner[which]}/24`, 'dev', links[which]);
  await ip(...link, 'link', 'set', links[which], 'mtu', String(mtu), 'up');
  return daemon;
}

/**
 * @param {string} path
 * @param {readonly string[]} lines
 * @returns {Promise<void>}
 */
function configure(path, lines) {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.includes('\n\n')) socket.end();
    });
    socket.on('close', () => (answer.startsWith('errno=0') ? resolve() : reject(new Error(answer))));
    socket.write(`${lines.join('\n')}\n\n`);
  });
}

function makeKey() {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  /** @param {import('node:crypto').KeyObject} key @param {'d' | 'x'} field */
  const hex = (key, field) =>
    Buffer.from(key.export({ format: 'jwk' })[field] ?? '', 'base64url').toString('hex');
  return { privateHex: hex(privateKey, 'd'), publicHex: hex(publicKey, 'x') };
}
