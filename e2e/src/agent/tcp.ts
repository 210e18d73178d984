import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TcpTransfer, Transferred } from './calls.js';
import { Tally } from './tally.js';

/** What a transfer sends: random, and long enough that reordered segments change the checksum. */
const block = randomBytes(1 << 20);
const pieceBytes = 128 << 10;

/** First bytes of a connection: transfer, direction, and how long to send. */
const greetingBytes = 13;

/** Serves TCP transfers and remembers its view of each until asked. */
export class TcpTransfers {
  private readonly results = new Map<number, Transferred>();
  private readonly ended = new EventEmitter();

  constructor(private readonly onBytes: (count: number) => void) {}

  /** Listens on every address; returns the port. */
  async listen(): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, (socket) => void this.serve(socket));
    server.listen(0, '::');
    await once(server, 'listening');
    return portOf(server);
  }

  async served(id: number): Promise<Transferred> {
    while (!this.results.has(id)) await once(this.ended, 'ended');
    return this.results.get(id) ?? new Tally().result;
  }

  /** The connecting end of a transfer. */
  async transfer({ id, address, port, direction, forMs }: TcpTransfer): Promise<Transferred> {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    socket.write(greeting(id, direction === 'up', forMs));
    if (direction === 'up') {
      const sent = await this.send(socket, forMs, new Tally());
      // The other end closes its side when it has read everything.
      socket.resume();
      await once(socket, 'end');
      return sent;
    }
    return this.receive(socket, new Tally());
  }

  private async serve(socket: Socket): Promise<void> {
    const reader = socket.iterator({ destroyOnReturn: false });
    const chunks: Buffer[] = [];
    let length = 0;
    while (length < greetingBytes) {
      const { value, done } = (await reader.next()) as IteratorResult<Buffer, undefined>;
      if (done === true) return;
      chunks.push(value);
      length += value.length;
    }
    const start = Buffer.concat(chunks);
    const { id, up, forMs } = parseGreeting(start);
    const tally = new Tally();
    try {
      if (up) {
        this.count(tally, start.subarray(greetingBytes));
        await this.receive(socket, tally);
        socket.end();
      } else {
        await this.send(socket, forMs, tally);
      }
    } catch {
      // A broken connection: what was counted until then is the result, and the checksums will differ.
      socket.destroy();
    }
    this.results.set(id, tally.result);
    this.ended.emit('ended');
  }

  private async send(socket: Socket, forMs: number, tally: Tally): Promise<Transferred> {
    const until = performance.now() + forMs;
    for (let at = 0; performance.now() < until; at = (at + pieceBytes) % block.length) {
      const piece = block.subarray(at, at + pieceBytes);
      this.count(tally, piece);
      if (!socket.write(piece)) await once(socket, 'drain');
    }
    socket.end();
    return tally.result;
  }

  private async receive(socket: Socket, tally: Tally): Promise<Transferred> {
    for await (const chunk of socket) this.count(tally, chunk as Buffer);
    return tally.result;
  }

  private count(tally: Tally, chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    tally.add(chunk);
    this.onBytes(chunk.length);
  }
}

function greeting(id: number, up: boolean, forMs: number): Buffer {
  const bytes = Buffer.alloc(greetingBytes);
  bytes.writeUInt32BE(id, 0);
  bytes.writeUInt8(up ? 1 : 0, 4);
  bytes.writeDoubleBE(forMs, 5);
  return bytes;
}

function parseGreeting(bytes: Buffer): { id: number; up: boolean; forMs: number } {
  return { id: bytes.readUInt32BE(0), up: bytes.readUInt8(4) === 1, forMs: bytes.readDoubleBE(5) };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
