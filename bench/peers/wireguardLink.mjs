import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually, start } from '../daemon.mjs';
import { ip, namespaces, outer } from '../network.mjs';

const inner = { client: '10.9.0.2', server: '10.9.0.1' };
export const wireguardPort = 51820;
const mtu = 1420;

/**
 * A tunnel of a program that speaks WireGuard's configuration protocol on /var/run/wireguard.
 * @param {string} name
 * @param {(link: string) => readonly string[]} command that makes the link and stays in the foreground
 * @returns {Pick<import('./peer.mjs').Peer, 'serve' | 'connect'>}
 */
export function wireguardLink(name, command) {
  /** @param {'client' | 'server'} side @param {string} directory @param {readonly string[]} peer */
  const open = async (side, directory, peer) => {
    const link = `${name}${side[0]}`;
    const daemon = start(side, command(link));
    await configure(link, [`private_key=${keyOf(directory, side).privateHex}`, ...peer], daemon.output);
    const at = ['-n', namespaces[side]];
    await ip(...at, 'addr', 'add', `${inner[side]}/24`, 'dev', link);
    await ip(...at, 'link', 'set', link, 'mtu', String(mtu), 'up');
    return daemon;
  };
  return {
    serve: async (directory) => ({
      address: inner.server,
      daemon: await open('server', directory, [
        `listen_port=${wireguardPort}`,
        `public_key=${keyOf(directory, 'client').publicHex}`,
        `allowed_ip=${inner.client}/32`,
      ]),
    }),
    connect: (directory) =>
      open('client', directory, [
        `public_key=${keyOf(directory, 'server').publicHex}`,
        `endpoint=${outer.server}:${wireguardPort}`,
        `allowed_ip=10.9.0.0/24`,
      ]),
  };
}

/**
 * Sends configuration to a link as soon as it takes some.
 * @param {string} link
 * @param {readonly string[]} lines
 * @param {() => string} explain
 */
export const configure = (link, lines, explain) =>
  eventually(
    link,
    () =>
      send(`/var/run/wireguard/${link}.sock`, ['set=1', ...lines]).catch((error) => {
        throw new Error(`${error} ${explain()}`);
      }),
    { everyMs: 2 },
  );

/**
 * @param {string} path
 * @param {readonly string[]} lines
 * @returns {Promise<void>}
 */
function send(path, lines) {
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

/**
 * One end's key, the same at each call.
 * @param {string} directory
 * @param {string} name
 */
export function keyOf(directory, name) {
  const path = join(directory, `${name}.key`);
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true });
    const { privateKey } = generateKeyPairSync('x25519');
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  const key = createPrivateKey(readFileSync(path));
  /** @param {import('node:crypto').KeyObject} half @param {'d' | 'x'} field */
  const hex = (half, field) =>
    Buffer.from(half.export({ format: 'jwk' })[field] ?? '', 'base64url').toString('hex');
  return { privateHex: hex(key, 'd'), publicHex: hex(createPublicKey(key), 'x') };
}
