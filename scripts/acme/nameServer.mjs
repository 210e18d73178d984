import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const headerBytes = 12;
const typeA = 1;

/**
 * A DNS server (RFC 1035 §4), over UDP and TCP, that answers for every name that it is 127.0.0.1 and has nothing else.
 * @returns {Promise<{ address: string, close: () => void }>} where it is, `127.0.0.1:5353`
 */
export async function startNameServer() {
  const datagrams = createSocket('udp4');
  datagrams.on('message', (query, sender) => {
    const answer = answerTo(query);
    if (answer !== null) datagrams.send(answer, sender.port, sender.address);
  });
  datagrams.bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  const { address, port } = datagrams.address();

  const streams = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, Buffer.from(chunk)]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const length = received.readUInt16BE(0);
        const answer = answerTo(received.subarray(2, 2 + length));
        received = received.subarray(2 + length);
        if (answer === null) continue;
        const prefix = Buffer.alloc(2);
        prefix.writeUInt16BE(answer.length, 0);
        socket.write(Buffer.concat([prefix, answer]));
      }
    });
  });
  streams.listen(port, address);
  await once(streams, 'listening');
  const close = () => {
    datagrams.close();
    streams.close();
  };
  return { address: `${address}:${port}`, close };
}

/** @param {Buffer} query @returns {Buffer | null} null: it asks nothing that can be read */
function answerTo(query) {
  let end = headerBytes;
  while (end < query.length && query[end] !== 0) end += 1 + (query[end] ?? 0);
  end += 1 + 4;
  if (end > query.length) return null;
  const isAddress = query.readUInt16BE(end - 4) === typeA;
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  // An answer, with authority; no error.
  header.writeUInt16BE(0x8580, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isAddress ? 1 : 0, 6);
  const record = Buffer.from([0xc0, headerBytes, 0, typeA, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  const question = query.subarray(headerBytes, end);
  return Buffer.concat([header, question, ...(isAddress ? [record] : [])]);
}
