import { z } from 'zod';

import { markerPrefix, renderRemoval, renderTable } from '../nft/render.js';
import type { NftTable } from '../nft/table.js';
import { failed, succeeded, type HostResult } from '../result.js';
import type { Commands } from './command.js';
import { isRunning, type Owner } from './owner.js';

const Listing = z.object({
  nftables: z.array(
    z.object({
      table: z.object({ family: z.string(), name: z.string() }).optional(),
      chain: z.object({ family: z.string(), table: z.string(), name: z.string() }).optional(),
    }),
  ),
});

/** Our nftables tables in the kernel. The marker chain in each says which process made it. */
export class NftTables {
  readonly #commands: Commands;
  readonly #owner: Owner;
  /** Text the kernel has from us, by table name. */
  readonly #loaded = new Map<string, string>();

  constructor(commands: Commands, owner: Owner) {
    this.#commands = commands;
    this.#owner = owner;
  }

  /**
   * Whether a table of this name may be replaced: there is none, or a dead process of ours made it.
   * HOST_BUSY: a living one did. HOST_CONFLICT: it is somebody else's.
   */
  async mayReplace(name: string): Promise<HostResult<void>> {
    const exists = await this.#exists(name);
    if (!exists.ok) return exists;
    if (!exists.value) return succeeded(undefined);
    const chains = await this.#list(['list', 'table', 'inet', name]);
    if (!chains.ok) return chains;
    const marker = chains.value.nftables
      .map(({ chain }) => chain?.name ?? '')
      .find((chain) => chain.startsWith(markerPrefix));
    const maker = /^(\d+)_(\d+)$/.exec(marker?.slice(markerPrefix.length) ?? '');
    if (maker === null) {
      return failed(
        'HOST_CONFLICT',
        `the nftables table inet ${name} is not ours; if nothing uses it: nft delete table inet ${name}`,
      );
    }
    if (await isRunning(Number(maker[1]), Number(maker[2]))) {
      return failed(
        'HOST_BUSY',
        `the nftables table inet ${name} belongs to the running process ${maker[1]}`,
      );
    }
    return succeeded(undefined);
  }

  /** Puts the table in place, all of it or nothing; does nothing when the kernel has it already. */
  async load(table: NftTable): Promise<HostResult<void>> {
    const text = renderTable(table, `${this.#owner.pid}_${this.#owner.startTicks}`);
    if (this.#loaded.get(table.name) === text) {
      const exists = await this.#exists(table.name);
      if (!exists.ok || exists.value) return exists.ok ? succeeded(undefined) : exists;
    }
    const loaded = await this.#commands.expect('nft', ['-f', '-'], text);
    if (!loaded.ok) return loaded;
    this.#loaded.set(table.name, text);
    return succeeded(undefined);
  }

  /** Removes the table if it is there. */
  async remove(name: string): Promise<HostResult<void>> {
    const removed = await this.#commands.expect('nft', ['-f', '-'], renderRemoval(name));
    if (!removed.ok) return removed;
    this.#loaded.delete(name);
    return succeeded(undefined);
  }

  async #exists(name: string): Promise<HostResult<boolean>> {
    const listing = await this.#list(['list', 'tables', 'inet']);
    if (!listing.ok) return listing;
    return succeeded(listing.value.nftables.some(({ table }) => table?.name === name));
  }

  async #list(args: readonly string[]): Promise<HostResult<z.infer<typeof Listing>>> {
    const output = await this.#commands.expect('nft', ['-j', ...args]);
    if (!output.ok) return output;
    try {
      return succeeded(Listing.parse(JSON.parse(output.value)));
    } catch {
      return failed('HOST_COMMAND_FAILED', `nft -j ${args.join(' ')}: not the JSON we know`);
    }
  }
}
