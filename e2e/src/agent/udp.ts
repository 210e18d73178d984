import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import type { UdpQuestion, UdpReceived, UdpTransfer } from './calls.js';

/** Transfer id and sequence number, both 32 bits. */
const headerBytes = 8;
/** A question is shorter than any datagram of a transfer: the size of the answer, 32 bits. */
const questionBytes = 4;

interface Receiving {
  readonly seen: Set<number>;
  bytes: number;
  duplicates: number;
  damaged: number;
}

/** Sends numbered datagrams, and counts those that arrive by number. */
export class UdpTransfers {
  private readonly receiving = new Map<number, Receiving>();

  constructor(private readonly onBytes: (count: number) => void) {}

  /** Listens on every address; returns the port. */
  async listen(): Promise<number> {
    const socket = createSocket({ type: 'udp6', recvBufferSize: 4 << 20 });
    socket.on('message', (message, sender) => {
      if (message.length === questionBytes)
        socket.send(Buffer.alloc(message.readUInt32BE(0)), sender.port, sender.address);
      else this.take(message);
    });
    socket.bind(0, '::');
    await once(socket, 'listening');
    return socket.address().port;
  }

  received(id: number): UdpReceived {
    const { seen, bytes, duplicates, damaged } = this.entry(id);
    return { received: seen.size, bytes, duplicates, damaged };
  }

  /** Sends at an even rate, in bursts of a millisecond or two; returns how many datagrams. */
  async send({
    id,
    address,
    port,
    forMs,
    bitsPerSecond,
    payloadBytes,
  }: UdpTransfer): Promise<{ sent: number }> {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.connect(port, address);
    await once(socket, 'connect');
    const perMs = bitsPerSecond / 8 / payloadBytes / 1000;
    const startMs = performance.now();
    let sent = 0;
    for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - startMs) {
      const due = Math.floor(elapsedMs * perMs);
      // After a pause of the scheduler, no more than 10 ms worth at once: a burst would measure queues, not loss.
      const burst = Math.min(due - sent, Math.ceil(perMs * 10));
      for (let index = 0; index < burst; index++) {
        send(socket, datagram(id, sent++, payloadBytes));
        this.onBytes(payloadBytes);
      }
      await after(1);
    }
    socket.close();
    return { sent };
  }

  /** Asks the serving end for one datagram of a size. */
  async ask({ address, port, answerBytes, withinMs }: UdpQuestion): Promise<{ answered: boolean }> {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const question = Buffer.alloc(questionBytes);
    question.writeUInt32BE(answerBytes);
    socket.send(question, port, address);
    const answered = await Promise.race([once(socket, 'message').then(() => true), after(withinMs, false)]);
    socket.close();
    return { answered };
  }

  private take(message: Buffer): void {
    if (message.length < headerBytes) return;
    const entry = this.entry(message.readUInt32BE(0));
    const sequence = message.readUInt32BE(4);
    if (message.at(-1) !== fill(sequence)) entry.damaged += 1;
    if (entry.seen.has(sequence)) entry.duplicates += 1;
    entry.seen.add(sequence);
    entry.bytes += message.length;
    this.onBytes(message.length);
  }

  private entry(id: number): Receiving {
    const known = this.receiving.get(id) ?? { seen: new Set(), bytes: 0, duplicates: 0, damaged: 0 };
    this.receiving.set(id, known);
    return known;
  }
}

function datagram(id: number, sequence: number, payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(payloadBytes, fill(sequence));
  bytes.writeUInt32BE(id, 0);
  bytes.writeUInt32BE(sequence, 4);
  return bytes;
}

/** The byte that fills a datagram, so that a mixed-up one is noticed. */
function fill(sequence: number): number {
  return (sequence * 31) & 0xff;
}

/** A full socket buffer or a refusal by ICMP is loss, and loss is what is measured. */
function send(socket: Socket, bytes: Buffer): void {
  socket.send(bytes, () => undefined);
}
