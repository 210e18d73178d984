import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

const mib = 1_048_576;
const digestBytes = 32;

/** @typedef {{ readonly address: string, readonly port: number, readonly localAddress?: string }} Path */

/**
 * Random bytes over TCP, to the other end (`transferEnd.mjs serve`) or from it; whether both ends have the same SHA-256. A connection begins
 * with one byte, `s` or `f`, and the number of MiB in another. Rejects when the connection breaks.
 * @param {'send' | 'fetch'} direction
 * @param {Path} path
 * @param {number} count MiB, at most 255
 * @returns {Promise<boolean>}
 */
export async function moveAndCompare(direction, { address: host, port, localAddress }, count) {
  const from = localAddress === undefined ? {} : { localAddress };
  const socket = connect({ host, port, allowHalfOpen: true, ...from });
  try {
    await once(socket, 'connect');
    socket.write(Buffer.from([direction.charCodeAt(0), count]));
    if (direction === 'send') {
      const digest = await sendRandom(socket, count);
      socket.end();
      return Buffer.concat(await socket.toArray()).equals(digest);
    }
    return await isIntact(socket, count);
  } finally {
    socket.destroy();
  }
}

/**
 * Reads so many MiB with their SHA-256 behind them.
 * @param {import('node:net').Socket} socket
 * @param {number} count
 */
async function isIntact(socket, count) {
  const hash = createHash('sha256');
  let length = 0;
  let last = Buffer.alloc(0);
  for await (const chunk of socket) {
    last = Buffer.concat([last, chunk]);
    const certain = Math.max(0, last.length - digestBytes);
    hash.update(last.subarray(0, certain));
    last = last.subarray(certain);
    length += chunk.length;
  }
  return length === count * mib + digestBytes && hash.digest().equals(last);
}

/**
 * Writes random bytes; returns their SHA-256. Rejects when the connection breaks.
 * @param {import('node:net').Socket} socket
 * @param {number} count MiB
 */
export async function sendRandom(socket, count) {
  const hash = createHash('sha256');
  for (let index = 0; index < count; index++) {
    const chunk = randomBytes(mib);
    hash.update(chunk);
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  return hash.digest();
}
