import { expect } from 'vitest';
import { Lab } from '../lab/lab.js';
import { VpnClient } from '../lab/vpnClient.js';
import { VpnServer, type ServerOptions } from '../lab/vpnServer.js';
import { foreignAuthority, issue } from '../pki/certificates.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { RogueClient } from '../rogue/rogueClient.js';
import { Prometheus } from './prometheus.js';
import type { Proof } from './proof.js';

/** What an alert can be in. */
export type AlertState = 'inactive' | 'pending' | 'firing';

/** Where a server in a lab shows its metrics, as the network behind it sees that. */
export const metricsTarget = '203.0.113.1:8080';

export interface MonitoredLabOptions extends ServerOptions {
  /** Prepares the lab before anything runs in it; returns more of the server's options. */
  readonly prepare?: (lab: Lab, cleanup: Cleanup) => Promise<ServerOptions>;
}

/**
 * A lab with a server, a Prometheus that scrapes it every second, alice, who is connected, and mallory, who does what
 * she is told. What selectors grow by is read from scrapes that began after the event, and kept as proof.
 */
export class MonitoredLab implements AsyncDisposable {
  private constructor(
    private readonly cleanup: Cleanup,
    readonly lab: Lab,
    readonly server: VpnServer,
    readonly prometheus: Prometheus,
    readonly alice: VpnClient,
    readonly mallory: RogueClient,
    private readonly proof: Proof,
  ) {}

  /** Alerts wait three seconds instead of their time: long enough to be seen pending. */
  static async create(proof: Proof, { prepare, ...options }: MonitoredLabOptions): Promise<MonitoredLab> {
    await using cleanup = new Cleanup();
    const lab = cleanup.use(await Lab.create({ clients: 2 }));
    const prepared = (await prepare?.(lab, cleanup)) ?? {};
    const server = cleanup.use(await VpnServer.start(lab, { ...options, ...prepared }));
    const directory = `${lab.directory}/prometheus`;
    const prometheus = cleanup.use(
      await Prometheus.start(lab.host, { directory, target: metricsTarget, patience: '3s' }),
    );
    const alice = cleanup.use(await VpnClient.start(lab, lab.client(1), await server.addClient('alice')));
    const profile = await server.addClient('mallory');
    const mallory = cleanup.use(await RogueClient.create(lab.client(2).namespace, profile, lab.server.ipv4));
    return new MonitoredLab(cleanup.move(), lab, server, prometheus, alice, mallory, proof);
  }

  /** The sum over all series of a selector, once a scrape shows what has happened until now. */
  scraped(selector: string): Promise<number> {
    return this.prometheus.afterScrape(() => this.prometheus.value(`sum(${selector})`));
  }

  /** How much selectors grow by what `act` does. */
  async growth(selectors: readonly string[], act: () => Promise<void>): Promise<readonly number[]> {
    const values = (): Promise<readonly number[]> =>
      Promise.all(selectors.map((selector) => this.prometheus.value(`sum(${selector}) or vector(0)`)));
    const before = await this.prometheus.afterScrape(values);
    await act();
    const after = await this.prometheus.afterScrape(values);
    return after.map((value, index) => value - (before[index] ?? 0));
  }

  /** Expects selectors to grow by exactly what `act` returns, and keeps that as proof. */
  async proves(
    selectors: readonly string[],
    event: string,
    act: () => Promise<readonly number[]>,
  ): Promise<void> {
    let expected: readonly number[] = [];
    const grown = await this.growth(selectors, async () => {
      expected = await act();
    });
    for (const [index, selector] of selectors.entries()) {
      this.proof.add(selector, event, expected[index] ?? NaN, grown[index] ?? NaN);
    }
    expect(grown).toEqual(expected);
  }

  /** Waits until an alert is in a state. */
  async becomes(name: string, state: AlertState): Promise<void> {
    await eventually(
      `${name} ${state}`,
      async () => {
        const found = (await this.prometheus.alerts()).find((alert) => alert.name === name);
        return (found?.state ?? 'inactive') === state;
      },
      30_000,
    );
  }

  /** Only alice has a session, as far as the server knows. */
  async onlyAliceConnected(): Promise<void> {
    await expect
      .poll(async () => (await this.server.sessions()).map(({ clientId }) => clientId))
      .toEqual(['alice']);
  }

  /** `count` handshakes with a certificate of an authority that the server does not know. */
  async presentForeignCertificates(count: number): Promise<void> {
    const certificate = await issue(await foreignAuthority(), 'mallory');
    for (let number = 0; number < count; number++) {
      const event = await this.mallory.connect({ certificate });
      if (event.type === 'connected') await this.mallory.connectionClosed(event.connectionId);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup[Symbol.asyncDispose]();
  }
}
