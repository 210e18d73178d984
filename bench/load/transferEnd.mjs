// `transferEnd.mjs serve ADDRESS PORT` and `transferEnd.mjs send|fetch ADDRESS PORT MIB`: random bytes over TCP whose SHA-256 both ends
// compare. The asking end prints `intact` or `corrupt`.
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { moveAndCompare, sendRandom } from './checkedTransfer.mjs';

const [role = '', address = '', port = '', count = '0'] = process.argv.slice(2);
if (role === 'serve') serve();
else await ask(role === 'send' ? 'send' : 'fetch');

function serve() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    // A tunnel that broke is for the asking end to tell.
    socket.once('readable', () => void answer(socket).catch(() => socket.destroy()));
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
    socket.end(await sendRandom(socket, megabytes ?? 0));
  }
}

/** @param {'send' | 'fetch'} direction */
async function ask(direction) {
  const intact = await moveAndCompare(direction, { address, port: Number(port) }, Number(count));
  console.log(intact ? 'intact' : 'corrupt');
}
