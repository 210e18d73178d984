import type { Direction, Transferred } from '../agent/calls.js';
import type { Machine } from '../lab/machine.js';
import { eventually } from '../process/eventually.js';

/** A TCP transfer as both ends saw it. */
export interface TcpResult {
  readonly bytes: number;
  /** At the receiving end. */
  readonly mbitPerSecond: number;
  /** Whether both ends saw the same bytes in the same order. */
  readonly checksumOk: boolean;
}

/** A UDP transfer as both ends saw it. */
export interface UdpResult {
  readonly sent: number;
  readonly received: number;
  /** At the receiving end, payload only. */
  readonly mbitPerSecond: number;
  readonly lossPercent: number;
  /** Datagrams that arrived twice, or with the wrong content. */
  readonly duplicates: number;
  readonly damaged: number;
}

/** Numbers transfers, so that a machine can serve many at once. */
export class Traffic {
  private transfers = 0;

  /** TCP from `client`, which connects, to `server`; `direction` says which end sends. */
  async tcp(
    client: Machine,
    server: Machine,
    address: string,
    direction: Direction,
    forMs: number,
  ): Promise<TcpResult> {
    const { tcpPort } = await server.serving();
    const id = ++this.transfers;
    const near = await client.agent.call('transferTcp', { id, address, port: tcpPort, direction, forMs });
    const far = await server.agent.call('servedTcp', { id });
    const received = direction === 'up' ? far : near;
    return {
      bytes: received.bytes,
      mbitPerSecond: mbitPerSecond(received.bytes, received.durationMs),
      checksumOk: same(near, far) && received.bytes > 0,
    };
  }

  /** UDP from `client` to `server` at an offered rate. */
  async udp(
    client: Machine,
    server: Machine,
    address: string,
    bitsPerSecond: number,
    forMs: number,
  ): Promise<UdpResult> {
    const { udpPort } = await server.serving();
    const id = ++this.transfers;
    const payloadBytes = 1200;
    const { sent } = await client.agent.call('sendUdp', {
      ...{ id, address, port: udpPort, forMs, bitsPerSecond, payloadBytes },
    });
    const { received, bytes, duplicates, damaged } = await settled(server, id, sent);
    const lossPercent = sent === 0 ? 100 : ((sent - received) / sent) * 100;
    return { sent, received, mbitPerSecond: mbitPerSecond(bytes, forMs), lossPercent, duplicates, damaged };
  }
}

/** The receiver's view once everything arrived, or once nothing has arrived for a while. */
async function settled(server: Machine, id: number, sent: number) {
  let before = -1;
  let quiet = 0;
  return eventually('the last datagram', async () => {
    const now = await server.agent.call('receivedUdp', { id });
    quiet = now.received === before ? quiet + 1 : 0;
    before = now.received;
    return now.received >= sent || quiet >= 10 ? now : undefined;
  });
}

function same(near: Transferred, far: Transferred): boolean {
  return near.bytes === far.bytes && near.crc32 === far.crc32;
}

function mbitPerSecond(bytes: number, durationMs: number): number {
  return durationMs <= 0 ? 0 : (bytes * 8) / 1000 / durationMs;
}
