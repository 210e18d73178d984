import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

import { linuxHost, type HostResult } from '@masque-vpn/host';
import { serveAgent } from '@masque-vpn/host/testing';

import { openClientNetwork, type ClientNetwork } from '../network.js';
import type { AppliedNetwork, TunnelNetwork } from '../tunnelPlan.js';

class ClientAgent {
  #network: ClientNetwork | null = null;
  readonly #sockets: Socket[] = [];

  readonly methods = {
    open: async (journalPath: string): Promise<HostResult<readonly string[]>> => {
      const opened = await openClientNetwork({
        host: linuxHost(),
        interfaceName: 'masque-test',
        journalPath,
      });
      if (!opened.ok) return opened;
      this.#network = opened.value;
      return { ok: true, value: opened.value.recovered };
    },
    apply: async (tunnel: TunnelNetwork): Promise<HostResult<AppliedNetwork>> => this.#opened.apply(tunnel),
    clear: async (): Promise<HostResult<void>> => this.#opened.clear(),
    dispose: async (): Promise<void> => this.#opened[Symbol.asyncDispose](),
    /** Answers every datagram to this address with itself. */
    echo: async ({ address, port }: { address: string; port: number }): Promise<void> => {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
      this.#sockets.push(socket);
      socket.on('message', (message, from) => socket.send(message, from.port, from.address));
      socket.bind(port, address);
      await once(socket, 'listening');
    },
    /** Whether a datagram to this address is answered within a second. */
    isAnswered: async ({ address, port }: { address: string; port: number }): Promise<boolean> => {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
      try {
        const answer = once(socket, 'message', { signal: AbortSignal.timeout(1000) }).then(
          () => true,
          () => false,
        );
        socket.send('?', port, address);
        return await answer;
      } finally {
        socket.close();
      }
    },
  };

  get #opened(): ClientNetwork {
    if (this.#network === null) throw new Error('open first');
    return this.#network;
  }
}

/** What a test can ask of a process with a real client network. */
export type ClientAgentMethods = ClientAgent['methods'];

await serveAgent(new ClientAgent().methods);
