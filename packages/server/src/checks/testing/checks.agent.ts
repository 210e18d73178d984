import type { Engine } from '@masque-vpn/engine';
import { linuxHost } from '@masque-vpn/host';
import { serveAgent } from '@masque-vpn/host/testing';
import { fail } from '@masque-vpn/protocol';
import { openServerNetwork } from '../../network/network.js';
import type { ServerNetworkSettings } from '../../network/settings.js';
import type { NetworkState } from '../../process/networkKeeper.js';
import { Checks } from '../checks.js';

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
const traffic = {
  ...{ bytesSent: 0, bytesReceived: 0, packetsSent: 0, packetsReceived: 0 },
  ...{ dropsSending: 0, dropsReceiving: 0 },
};

class ChecksAgent {
  #checks: Checks | null = null;

  readonly methods = {
    /** Sets the host up as a server does. */
    open: async (settings: ServerNetworkSettings): Promise<void> => {
      const host = linuxHost();
      const logger = { info: () => undefined, warn: () => undefined };
      const opened = await openServerNetwork({ settings, engine, host, logger });
      const state: NetworkState = opened.ok
        ? { active: true, network: opened.value }
        : { active: false, problem: opened.error };
      this.#checks = new Checks({
        host,
        settings,
        network: { state },
        metrics: { read: () => undefined, totalTraffic: traffic },
        arrivals: { fromAfar: null, fromNearby: null },
        resolveName: async () => fail('TARGET_UNRESOLVED'),
        listenAddress: '::',
        port: 443,
        publicHost: '192.0.2.1',
        frontProblem: () => null,
        startedAtMs: 0,
      });
    },
    /** State and codes of each check, by its id. */
    run: async (): Promise<Readonly<Record<string, readonly string[]>>> => {
      const checks = (await this.#checks?.run()) ?? [];
      return Object.fromEntries(
        checks.map(({ id, state, findings }) => [id, [state, ...findings.map(({ code }) => code)]]),
      );
    },
    /** What to do about the first finding of a check. */
    remedy: async (id: string): Promise<string> => {
      const check = (await this.#checks?.run())?.find((one) => one.id === id);
      return check?.findings[0]?.remedy ?? '';
    },
  };
}

/** What a test can ask of a process that checks a real host. */
export type ChecksAgentMethods = ChecksAgent['methods'];

await serveAgent(new ChecksAgent().methods);
