import { formatAddress } from '@masque-vpn/protocol';
import type { Lease } from '../addressing/lease.js';
import type { Pools } from '../addressing/pools.js';
import type { AccessControl } from '../policy/access.js';
import type { Clock } from '../process/clock.js';
import type { Session } from './session.js';
import { SessionTable } from './table.js';

export interface PlacesOptions {
  readonly pools: Pick<Pools, 'release'>;
  readonly accessControl: Pick<AccessControl, 'release'>;
  readonly clock: Clock;
  /** An address went into quarantine: its tracked flows are to be forgotten (CIP-1306). */
  readonly onAddressReleased: (address: string) => void;
}

/** What sessions occupy: a place among the limits, addresses, rules. All are given back together, once. */
export class Places {
  readonly table = new SessionTable();
  readonly #options: PlacesOptions;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** Gives back what the session holds; returns whether it had been admitted. */
  vacate(session: Session): boolean {
    const { phase } = session;
    if (phase.name === 'over') return phase.admitted;
    const admitted = phase.name === 'open';
    session.phase = { name: 'over', admitted };
    this.table.vacate(session);
    if (phase.name === 'open') {
      this.release(phase.leases);
      this.#options.accessControl.release(phase.policy.hold);
    }
    return admitted;
  }

  /** Puts addresses into quarantine. */
  release(leases: readonly Lease[]): void {
    const now = Math.trunc(this.#options.clock.now());
    for (const lease of leases) {
      this.#options.pools.release(lease, now);
      this.#options.onAddressReleased(formatAddress(lease.address));
    }
  }
}
