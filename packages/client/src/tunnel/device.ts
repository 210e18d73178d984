import type { Engine } from '@masque-vpn/engine';
import { type ClientTunnel, fail, formatPrefix } from '@masque-vpn/protocol';
import type { Outcome } from '../failure.js';
import type { AppliedNetwork, ClientNetwork } from '../network/network.js';
import { engineFailure, hostFailure } from '../localFailure.js';

/** MTU of the interface until the path is known, bytes. */
const firstMtu = 1280;

/**
 * The tunnel's interface with what the host routes into it. It outlives a session: for a short time after a loss it
 * stays as it is, so that inner connections survive a restart of the server.
 */
export class TunnelDevice {
  #open = false;
  #current: AppliedNetwork | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  readonly #engine: Engine;
  readonly #network: ClientNetwork;
  readonly #name: string;
  readonly #behind: readonly string[];

  /** `behind`: networks behind this machine that the server is offered. */
  constructor(engine: Engine, network: ClientNetwork, name: string, behind: readonly string[] = []) {
    this.#behind = behind;
    this.#engine = engine;
    this.#network = network;
    this.#name = name;
  }

  /** Addresses and routes in place; null when there are none. */
  get applied(): AppliedNetwork | null {
    return this.#current;
  }

  /** Creates the interface unless it is there. Fails with what {@link engineFailure} makes of the engine's error. */
  ensureOpen(): Outcome<void> {
    if (this.#open) return { ok: true, value: undefined };
    const opened = this.#engine.openTun({
      name: this.#name,
      mtu: firstMtu,
      offload: true,
      backpressure: true,
    });
    if (!opened.ok) return fail(engineFailure(opened.error));
    this.#open = true;
    return { ok: true, value: undefined };
  }

  /** Looks at the host while the server is waited for; the interface is open. */
  lookAhead(): void {
    if (this.#current === null) this.#network.lookAhead();
  }

  /** The engine said that the interface is gone. */
  lost(): void {
    this.#open = false;
  }

  /** Makes the host match the tunnel; `mtu` in bytes. */
  async apply(
    tunnel: ClientTunnel,
    mtu: number,
    serverAddresses: readonly string[],
  ): Promise<Outcome<AppliedNetwork>> {
    return this.#inOrder(async () => {
      const isAnother = !this.#open;
      const opened = this.ensureOpen();
      if (!opened.ok) return opened;
      // What was seen of the one before says nothing about it.
      if (isAnother) this.#network.lookAhead();
      const applied = await this.#network.apply({
        mtu,
        assigned: tunnel.addresses.map(formatPrefix),
        routes: tunnel.prefixes.map(formatPrefix),
        behind: this.#behind,
        serverAddresses,
      });
      if (!applied.ok) return fail(hostFailure(applied.error));
      this.#current = applied.value;
      return applied;
    });
  }

  /** Takes addresses and routes away; the interface stays for the next tunnel (CIP-1305). */
  async clear(): Promise<Outcome<void>> {
    return this.#inOrder(async () => {
      if (this.#current === null) return { ok: true, value: undefined };
      this.#current = null;
      const cleared = await this.#network.clear();
      return cleared.ok ? cleared : fail(hostFailure(cleared.error));
    });
  }

  /** A clearing and an applying must not run through each other. */
  async #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}
