import type { EngineEvent } from '@masque-vpn/engine';
import { classifyAddress, formatAddress, parseAddress } from '@masque-vpn/protocol';

/** A connection that came over the network. */
export interface Arrival {
  /** UTC milliseconds. */
  readonly atMs: number;
  readonly address: string;
}

/** From where QUIC connections came last: the proof that the UDP port can be reached. */
export class Arrivals {
  #fromAfar: Arrival | null = null;
  #fromNearby: Arrival | null = null;
  readonly #own: ReadonlySet<string>;

  /** @param own addresses of this host: who comes from there comes over no network */
  constructor(own: readonly string[]) {
    this.#own = new Set(own);
  }

  /** The latest one from a public address; null: none since the start. */
  get fromAfar(): Arrival | null {
    return this.#fromAfar;
  }

  /** The latest one from a private address, which proves nothing about the Internet. */
  get fromNearby(): Arrival | null {
    return this.#fromNearby;
  }

  /** Looks where requests come from. */
  note(events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (event.type === 'request') this.#requested(event.remoteAddress, event.receivedAtMs);
    }
  }

  #requested(remote: string, atMs: number): void {
    const parsed = parseAddress(withoutPort(remote));
    if (!parsed.ok || this.#own.has(formatAddress(parsed.value))) return;
    const kind = classifyAddress(parsed.value);
    const arrival = { atMs: Math.trunc(atMs), address: formatAddress(parsed.value) };
    if (kind === 'global') this.#fromAfar = arrival;
    else if (kind === 'private' || kind === 'linkLocal') this.#fromNearby = arrival;
  }
}

/** `192.0.2.1:4433` and `[2001:db8::1]:4433` without port, and without the mark of IPv4 on an IPv6 socket. */
function withoutPort(remote: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(remote)?.[1];
  const plain = bracketed ?? (/^[^:]*:\d+$/.test(remote) ? remote.slice(0, remote.indexOf(':')) : remote);
  return plain.replace(/^::ffff:(?=\d+\.)/i, '');
}
