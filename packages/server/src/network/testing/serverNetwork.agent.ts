import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import type { Engine } from '@masque-vpn/engine';
import { linuxHost } from '@masque-vpn/host';
import { serveAgent } from '@masque-vpn/host/testing';

import type { NetworkResult } from '../error.js';
import { openServerNetwork, type ServerNetwork } from '../network.js';
import type { ServerNetworkSettings } from '../settings.js';

/** The test made the interface. */
const engine: Pick<Engine, 'openTun' | 'closeTun'> = {
  openTun: ({ name }) => ({
    ok: true,
    value: {
      name,
      index: 0,
      offloads: { vnetHeader: false, tcp: false, udp: false, queues: false, steering: false },
    },
  }),
  closeTun: () => undefined,
};

class ServerAgent {
  #network: ServerNetwork | null = null;

  readonly methods = {
    open: async (settings: ServerNetworkSettings): Promise<NetworkResult<readonly string[]>> => {
      const logger = { info: () => undefined, warn: () => undefined };
      const opened = await openServerNetwork({ settings, engine, host: linuxHost(), logger });
      if (!opened.ok) return opened;
      this.#network = opened.value;
      return { ok: true, value: opened.value.warnings };
    },
    refresh: async (): Promise<NetworkResult<void>> => this.#opened.refresh(),
    close: async (): Promise<NetworkResult<void>> => this.#opened.close(),
    /** Answers every datagram with the address it came from, and takes TCP connections. */
    listen: async ({ address, port }: { address: string; port: number }): Promise<void> => {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
      socket.on('message', (_, from) => socket.send(from.address, from.port, from.address));
      socket.bind(port, address);
      await once(socket, 'listening');
      const server = createServer((connection) => connection.end()).listen(port, address);
      await once(server, 'listening');
    },
    /** What `listen` answers, or `silence`. */
    askWho: async ({ address, port }: { address: string; port: number }): Promise<string> => {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
      try {
        const answer = once(socket, 'message', { signal: AbortSignal.timeout(1000) }).then(
          ([message]) => String(message),
          () => 'silence',
        );
        socket.send('?', port, address);
        return await answer;
      } finally {
        socket.close();
      }
    },
    /** Whether a TCP connection opens; else the error's code. */
    connect: async ({ address, port }: { address: string; port: number }): Promise<string> => {
      const socket = connect({ host: address, port });
      try {
        await once(socket, 'connect', { signal: AbortSignal.timeout(1000) });
        return 'connected';
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      } finally {
        socket.destroy();
      }
    },
  };

  get #opened(): ServerNetwork {
    if (this.#network === null) throw new Error('open first');
    return this.#network;
  }
}

/** What a test can ask of a process with a real server network. */
export type ServerAgentMethods = ServerAgent['methods'];

await serveAgent(new ServerAgent().methods);
