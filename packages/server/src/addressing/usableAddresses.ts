import type { IpAddress, Prefix } from '@masque-vpn/protocol';
import { rangeContains, type AddressRange } from '@masque-vpn/protocol';
import { clientRanges } from '../config/poolPrefix.js';

/** The addresses clients can get of one family, numbered from 0 without ever being listed. */
export class UsableAddresses {
  readonly #ranges: readonly AddressRange[];
  /** How many there are. */
  readonly total: bigint;

  constructor(pools: readonly Prefix[]) {
    this.#ranges = clientRanges(pools);
    this.total = this.#ranges.reduce((sum, range) => sum + size(range), 0n);
  }

  contains(address: IpAddress): boolean {
    return this.#ranges.some((range) => rangeContains(range, address));
  }

  /** The address with this number; throws RangeError unless 0 ≤ index < total (a bug). */
  at(index: bigint): IpAddress {
    let rest = index;
    for (const range of this.#ranges) {
      if (rest >= 0n && rest < size(range))
        return { family: range.start.family, value: range.start.value + rest };
      rest -= size(range);
    }
    throw new RangeError(`no usable address has number ${index}`);
  }
}

function size(range: AddressRange): bigint {
  return range.end.value - range.start.value + 1n;
}
