import type { Outcome } from '../failure.js';
import { addressesOf, type Resolve } from './resolve.js';

/**
 * Where the server is. While a tunnel's routes are in place, a resolver behind the tunnel may not answer, and only the
 * addresses known then stay outside the tunnel: those must do.
 */
export class ServerAddresses {
  #known: readonly string[] = [];
  readonly #host: string;
  readonly #resolve: Resolve;
  readonly #isRouted: () => boolean;

  /** `isRouted` says whether a tunnel's routes are in place. */
  constructor(host: string, resolve: Resolve, isRouted: () => boolean) {
    this.#host = host;
    this.#resolve = resolve;
    this.#isRouted = isRouted;
  }

  /** Most promising first, at least one. Fails with SERVER_NAME_UNRESOLVED. */
  async current(): Promise<Outcome<readonly string[]>> {
    if (this.#isRouted() && this.#known.length > 0) return { ok: true, value: this.#known };
    const found = await addressesOf(this.#host, this.#resolve);
    if (found.ok) this.#known = found.value;
    return found;
  }
}
