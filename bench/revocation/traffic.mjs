// `traffic.mjs send ADDRESS PORT` sends a datagram every millisecond, `traffic.mjs echo PORT` sends each back. Both say, for each line on
// their standard input, how many datagrams they got and when the last one came (nanoseconds of the machine's monotonic clock).
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const [role, ...args] = process.argv.slice(2);
const seen = { got: 0, lastAt: 0n };

const socket = createSocket('udp4');
socket.on('message', (message, from) => {
  seen.got += 1;
  seen.lastAt = process.hrtime.bigint();
  if (role === 'echo') socket.send(message, from.port, from.address, () => undefined);
});
// A tunnel that is gone is what this is about.
socket.on('error', () => undefined);
if (role === 'echo') socket.bind(Number(args[0]));
else {
  const [address = '', port = ''] = args;
  const payload = Buffer.alloc(100);
  setInterval(() => socket.send(payload, Number(port), address, () => undefined), 1);
}
createInterface({ input: process.stdin }).on('line', () =>
  console.log(JSON.stringify([seen.got, String(seen.lastAt)])),
);
