// `transferEnd.mjs serve ADDRESS PORT` and `transferEnd.mjs send|fetch ADDRESS PORT MIB`: random bytes over TCP whose SHA-256 both ends
// compare. The asking end prints `intact` or `corrupt`. A connection begins with one byte: `s` or `f`.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const mib = 1_048_576;
const digestBytes = 32;

const [role = '', address = '', port = '', count = '0'] = process.argv.slice(2);
if (role === 'serve') serve();
else await ask();

function serve() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('readable', () => void answer(socket));
  });
  server.listen(Number(port), address, () => console.log('ready'));
}

/** @param {import('node:net').Socket} socket */
async function answer(socket) {
  const [command, megabytes] = socket.read(2) ?? [];
  if (command === 's'.charCodeAt(0)) {
    const hash = createHash('sha256');
    // The digest goes back the same way.
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) hash.update(chunk);
    socket.end(hash.digest());
  } else {
    await send(socket, megabytes ?? 0, (digest) => socket.end(digest));
  }
}

async function ask() {
  const socket = connect({ port: Number(port), host: address, allowHalfOpen: true });
  await once(socket, 'connect');
  socket.write(Buffer.from([role.charCodeAt(0), Number(count)]));
  /** @type {Buffer} */
  let expected = Buffer.alloc(0);
  if (role === 'send') {
    await send(socket, Number(count), (digest) => {
      expected = digest;
      socket.end();
    });
    const answered = Buffer.concat(await socket.toArray());
    console.log(answered.equals(expected) ? 'intact' : 'corrupt');
  } else {
    const received = Buffer.concat(await socket.toArray());
    const hash = createHash('sha256').update(received.subarray(0, -digestBytes)).digest();
    const whole = received.length === Number(count) * mib + digestBytes;
    console.log(whole && hash.equals(received.subarray(-digestBytes)) ? 'intact' : 'corrupt');
    socket.end();
  }
}

/**
 * @param {import('node:net').Socket} socket
 * @param {number} megabytes
 * @param {(digest: Buffer) => void} last
 */
async function send(socket, megabytes, last) {
  const hash = createHash('sha256');
  for (let index = 0; index < megabytes; index++) {
    const chunk = randomBytes(mib);
    hash.update(chunk);
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  last(hash.digest());
}
