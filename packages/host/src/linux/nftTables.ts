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

/** How a table comes into place: `create` fails where somebody made one of its name in between. */
export type Vacancy = 'create' | 'replace';

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
   * How a table of this name may come into place: there is none (`create`), or a dead process of ours made it (`replace`).
   * HOST_BUSY: a living one did. HOST_CONFLICT: it is somebody else's.
   */
  async vacancy(name: string): Promise<HostResult<Vacancy>> {
    const exists = await this.#exists(name);
    if (!exists.ok) return exists;
    if (!exists.value) return succeeded('create');
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
    return succeeded('replace');
  }

  /**
   * Puts the table in place, all of it or nothing; does nothing when the kernel has it already. To create one takes a
   * third of the time of replacing one that is not there: the kernel waits for its packets after each deletion.
   */
  async load(table: NftTable, how: Vacancy): Promise<HostResult<void>> {
    const owner = `${this.#owner.pid}_${this.#owner.startTicks}`;
    const text = renderTable(table, owner);
    if (this.#loaded.get(table.name) === text) {
      const exists = await this.#exists(table.name);
      if (!exists.ok || exists.value) return exists.ok ? succeeded(undefined) : exists;
    }
    const input = how === 'create' ? renderTable(table, owner, how) : text;
    const loaded = await this.#commands.expect('nft', ['-f', '-'], input);
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
