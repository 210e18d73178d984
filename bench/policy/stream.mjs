// One end of a steady stream of datagrams: `stream.mjs receive PORT`, `stream.mjs send ADDRESS PORT PER_SECOND`.
// The receiver answers each line of its input with when the last datagram came and how many did; times are those of
// the machine's monotonic clock, in nanoseconds, and so the same in all processes.
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const [role = '', ...args] = process.argv.slice(2);
const payload = Buffer.alloc(1_000);
/** How often the sender catches up, milliseconds. */
const intervalMs = 1;

if (role === 'receive') receive(Number(args[0]));
else send(args[0] ?? '', Number(args[1]), Number(args[2]));

/** @param {number} port */
function receive(port) {
  let last = 0n;
  let count = 0;
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 });
  socket.on('message', () => {
    last = process.hrtime.bigint();
    count += 1;
  });
  socket.bind(port, () => console.log('ready'));
  createInterface({ input: process.stdin }).on('line', () => {
    console.log(JSON.stringify({ last: String(last), count }));
  });
}

/** @param {string} address @param {number} port @param {number} perSecond */
function send(address, port, perSecond) {
  const socket = createSocket('udp4');
  // Refused packets are answered with ICMP, which arrives here as an error.
  socket.on('error', () => undefined);
  const begin = performance.now();
  let sent = 0;
  setInterval(() => {
    const due = ((performance.now() - begin) * perSecond) / 1_000;
    for (; sent < due; sent++) socket.send(payload, port, address);
  }, intervalMs);
}
