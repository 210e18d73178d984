import { formatAddress, formatPrefix } from '@masque-vpn/protocol';
import type { HostForward, HostReach } from '../network/network.js';
import type { PolicyBook } from '../policy/book.js';
import { behindNow, openOf } from './livePolicy.js';
import type { SessionTable } from './table.js';

export interface HostReachOptions {
  readonly table: SessionTable;
  readonly book: PolicyBook;
  readonly apply: (reach: HostReach) => void;
}

/** Has the host follow where clients are: their forwards, the networks behind them. Tells it of changes only. */
export class HostReachKeeper {
  readonly #options: HostReachOptions;
  #told = '';

  constructor(options: HostReachOptions) {
    this.#options = options;
  }

  /** Looks again. */
  follow(): void {
    const reach = this.#now();
    const text = JSON.stringify(reach);
    if (text === this.#told) return;
    const isFirst = this.#told === '';
    this.#told = text;
    const isNothing = reach.forwards.length + reach.behind.length + reach.inbound.length === 0;
    if (!isFirst || !isNothing) this.#options.apply(reach);
  }

  #now(): HostReach {
    const { table, book } = this.#options;
    return {
      forwards: book.forwards.flatMap(({ enabled, clientUuid, protocol, publicPort, clientPort }) => {
        const addresses = enabled ? addressesOf(table, clientUuid) : [];
        if (addresses.length === 0) return [];
        const name: HostForward['protocol'] = protocol === 6 ? 'tcp' : 'udp';
        return [{ protocol: name, publicPort, addresses, port: clientPort }];
      }),
      behind: behindNow(table, book).map(formatPrefix),
      inbound: book.rules.flatMap(({ enabled, subject, action }) =>
        enabled && action === 'allow' && subject.kind === 'prefixes' ? subject.prefixes : [],
      ),
    };
  }
}

/** Where forwards to a client lead: the newest of its sessions, which is where the client came last. */
export function addressesOf(table: Pick<SessionTable, 'ofClient'>, clientUuid: string): readonly string[] {
  const newest = openOf(table.ofClient(clientUuid)).at(-1);
  return (newest?.phase.leases ?? []).map(({ address }) => formatAddress(address));
}
