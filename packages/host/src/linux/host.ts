import type { Family } from '../family.js';
import type {
  FirewallChain,
  ForwardFilter,
  Host,
  HostCapabilities,
  HostFacts,
  HostNetwork,
  HostNetworkOptions,
} from '../host.js';
import { failed, succeeded, type HostResult } from '../result.js';
import { parsePrefix } from '../prefix.js';
import { readCapabilities, readFamilies } from './capabilities.js';
import { SystemCommands, type Commands } from './command.js';
import { readFacts } from './facts.js';
import { readForwardFilters } from './forwardFilters.js';
import { Journal, type Leftover } from './journal.js';
import { LinuxNetwork } from './network.js';
import { NftTables } from './nftTables.js';
import { currentOwner } from './owner.js';
import { isEmptyRecord } from './record.js';
import { readRuleset } from './ruleset.js';
import { Sysctls } from './sysctls.js';

/** Milliseconds after which `ip` or `nft` is killed; both normally take a few. */
const commandTimeoutMs = 10_000;

/** This machine: `ip` and `nft` from `PATH` or the usual folders, `/proc/sys`. Linux only. */
export function linuxHost(): Host {
  const commands = new SystemCommands({ searchPath: process.env['PATH'] ?? '', timeoutMs: commandTimeoutMs });
  return new LinuxHost(commands, new Sysctls('/proc/sys'));
}

class LinuxHost implements Host {
  readonly #commands: Commands;
  readonly #sysctls: Sysctls;
  /** Journals in use by this process: its pid in a journal outside of here is a use that has ended. */
  readonly #open = new Set<string>();

  constructor(commands: Commands, sysctls: Sysctls) {
    this.#commands = commands;
    this.#sysctls = sysctls;
  }

  capabilities(): Promise<HostCapabilities> {
    return readCapabilities();
  }

  async facts(): Promise<HostResult<HostFacts>> {
    return readFacts(this.#commands, await readFamilies());
  }

  forwardFilters(): Promise<HostResult<readonly ForwardFilter[]>> {
    return readForwardFilters(this.#commands);
  }

  firewall(): Promise<HostResult<readonly FirewallChain[]>> {
    return readRuleset(this.#commands);
  }

  readSysctl(key: string): Promise<string | null> {
    return this.#sysctls.read(key);
  }

  async forgetFlows(address: string): Promise<HostResult<void>> {
    const parsed = parsePrefix(address);
    if (parsed === null) return failed('HOST_PLAN_INVALID', `"${address}" is no address`);
    const family = parsed.family === 4 ? 'ipv4' : 'ipv6';
    for (const side of ['--src', '--dst']) {
      const result = await this.#commands.run('conntrack', ['-D', '-f', family, side, parsed.address]);
      if (!result.ok) return result;
      const { exitCode, stderr } = result.value;
      // It ends with 1 when there was no such flow, and says so.
      if (exitCode !== 0 && !stderr.includes('0 flow entries')) {
        return failed('HOST_COMMAND_FAILED', `conntrack -D ${side} ${parsed.address}: ${stderr.trim()}`);
      }
    }
    return succeeded(undefined);
  }

  async openNetwork(options: HostNetworkOptions): Promise<HostResult<HostNetwork>> {
    const { journalPath } = options;
    if (this.#open.has(journalPath)) {
      return failed('HOST_BUSY', `this process already owns the changes recorded in ${journalPath}`);
    }
    this.#open.add(journalPath);
    const opened = await this.#claim(journalPath);
    if (!opened.ok) this.#open.delete(journalPath);
    return opened;
  }

  async #claim(journalPath: string): Promise<HostResult<HostNetwork>> {
    const owner = await currentOwner();
    const families = await readFamilies();
    const claimed = await Journal.claim(journalPath, owner);
    if (!claimed.ok) return claimed;
    const { journal, leftover } = claimed.value;
    const network = new LinuxNetwork({
      commands: this.#commands,
      nft: new NftTables(this.#commands, owner),
      sysctls: this.#sysctls,
      journal,
      families,
      leftover: leftover.record,
      onReleased: () => this.#open.delete(journalPath),
      recovered: describe(leftover, families),
    });
    if (isEmptyRecord(leftover.record)) return succeeded(network);
    const undone = await network.remove();
    return undone.ok ? succeeded(network) : undone;
  }
}

function describe({ record, ignored }: Leftover, families: readonly Family[]): string[] {
  const lines = ignored === null ? [] : [ignored];
  if (record.nft !== null) lines.push(`removed the nftables table inet ${record.nft}`);
  for (const family of families) {
    const rules = record.rules.filter((rule) => rule.family === family);
    if (rules.length > 0) {
      lines.push(`removed IPv${family} routing rules ${rules.map((rule) => rule.priority).join(', ')}`);
    }
  }
  if (record.routes.length > 0) lines.push(`removed ${record.routes.length} routes`);
  if (record.link !== null && record.link.addresses.length > 0) {
    lines.push(`removed ${record.link.addresses.join(', ')} from ${record.link.name}`);
  }
  for (const sysctl of record.sysctls) lines.push(`restored ${sysctl.key} = ${sysctl.previous}`);
  return lines;
}
