// `firstAnswer.mjs ADDRESS PORT` sends a datagram every millisecond until one comes back, then prints when that was: nanoseconds of the
// machine's monotonic clock. `ready` comes first, so that nothing of its own start is measured.
import { createSocket } from 'node:dgram';

const [address = '', port = ''] = process.argv.slice(2);
const socket = createSocket('udp4');
const payload = Buffer.alloc(56);
// There is no way to it at first; that is what is waited for.
socket.on('error', () => undefined);
const sending = setInterval(() => socket.send(payload, Number(port), address, () => undefined), 1);
socket.on('message', () => {
  const at = process.hrtime.bigint();
  clearInterval(sending);
  socket.close();
  console.log(`answered ${at}`);
});
socket.bind(() => console.log('ready'));
