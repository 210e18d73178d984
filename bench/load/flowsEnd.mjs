// `flowsEnd.mjs listen|connect send|receive ADDRESS PORT SECONDS [OWN ADDRESS...]` is one end of many TCP flows, all in one process, so that no
// scheduler decides which of them gets on: one flow from each own address. The connecting end says `ready` when the last one is there, and begins
// all of them at SIGUSR2. From then on the receiving end prints, each 100 ms, a line of JSON, bytes so far by the client's address, and at last `over`.
import { connect, createServer } from 'node:net';

const [role, work, address = '', port = '0', seconds = '0', ...own] = process.argv.slice(2);
const piece = Buffer.alloc(128 << 10, 0x5a);
const everyMs = 100;
const retryMs = 200;

/** @type {Map<string, number>} */
const received = new Map();
const clock = { runs: false };

if (role === 'listen') {
  createServer((socket) => serve(socket, socket.remoteAddress ?? '')).listen(Number(port), address, () =>
    console.log('ready'),
  );
} else {
  const sockets = await Promise.all(own.map(dial));
  process.once('SIGUSR2', () => sockets.forEach((socket, index) => serve(socket, own[index] ?? '')));
  console.log('ready');
}

/** @param {string} localAddress @returns {Promise<import('node:net').Socket>} */
function dial(localAddress) {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: Number(port), localAddress });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => setTimeout(() => resolve(dial(localAddress)), retryMs));
  });
}

/** @param {import('node:net').Socket} socket @param {string} name */
function serve(socket, name) {
  socket.removeAllListeners('error');
  socket.on('error', () => undefined);
  if (work === 'receive') {
    received.set(name, 0);
    socket.on('data', (chunk) => {
      received.set(name, (received.get(name) ?? 0) + chunk.length);
      if (!clock.runs) startClock();
    });
    // The word that the listener waits for.
    if (role === 'connect') socket.write('!');
    return;
  }
  const more = () => {
    while (socket.write(piece));
  };
  socket.on('drain', more);
  // A listener sends once its client says that all are there.
  if (role === 'listen') socket.once('data', more);
  else more();
}

function startClock() {
  clock.runs = true;
  const begun = performance.now();
  const timer = setInterval(() => {
    const at = (performance.now() - begun) / 1_000;
    console.log(JSON.stringify({ at, bytes: Object.fromEntries(received) }));
    if (at < Number(seconds)) return;
    clearInterval(timer);
    console.log('over');
  }, everyMs);
}
