import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readClientStatuses, type ClientStatus } from '@masque-vpn/client';
import { within, type CommandLine } from '../process/commandLine.js';
import { Daemon } from '../process/daemon.js';
import { eventually } from '../process/eventually.js';
import { masqueVpn } from '../repository.js';
import type { Lab } from './lab.js';
import type { Machine } from './machine.js';

/** Addresses of a tunnel, without prefix length. */
export interface InnerAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A `masque-vpn connect` process on a machine of a lab. It can be killed and started again on the same state. */
export class VpnClient implements AsyncDisposable {
  private running: Daemon | null = null;

  private constructor(
    readonly machine: Machine,
    readonly profile: string,
    readonly directory: string,
  ) {}

  /** Nothing runs yet. */
  static async prepare(lab: Lab, machine: Machine, profile: string): Promise<VpnClient> {
    const directory = join(lab.directory, machine.namespace.name);
    await mkdir(directory, { recursive: true });
    return new VpnClient(machine, profile, directory);
  }

  /** Prepared, started and connected. */
  static async start(lab: Lab, machine: Machine, profile: string): Promise<VpnClient> {
    const client = await VpnClient.prepare(lab, machine, profile);
    client.launch();
    await client.up();
    return client;
  }

  /** The process that runs, or ran last. */
  get process(): Daemon {
    if (this.running === null) throw new Error('the client was never started');
    return this.running;
  }

  /** Starts the process, without waiting for anything. */
  launch(...flags: readonly string[]): Daemon {
    return this.start(this.commandLine(flags));
  }

  /** As `launch`, run by another program: with fewer rights, say. */
  launchAs(wrapper: CommandLine, ...flags: readonly string[]): Daemon {
    return this.start(within(wrapper, this.commandLine(flags)));
  }

  /** What the client says of itself over its status socket. Throws while it does not. */
  async status(): Promise<ClientStatus> {
    const [status] = await readClientStatuses(join(this.directory, 'run'));
    if (status === undefined) throw new Error('the client says nothing');
    return status;
  }

  /** Waits until the tunnel carries packets; returns its addresses. */
  async up(withinMs = 15_000): Promise<InnerAddresses> {
    return eventually(
      `tunnel of ${this.profile}`,
      async () => {
        if (!this.process.running) throw new Error(`the client ended:\n${this.process.output}`);
        const { state, addresses, lastError } = await this.status();
        if (state !== 'up')
          throw new Error(`${state}, ${lastError?.message ?? 'no error'}:\n${this.process.output}`);
        return innerAddresses(addresses);
      },
      withinMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running?.[Symbol.asyncDispose]();
  }

  private start(command: CommandLine): Daemon {
    this.running = new Daemon(this.machine.namespace.inside(command));
    return this.running;
  }

  private commandLine(flags: readonly string[]): CommandLine {
    const places = [
      '--state-dir',
      join(this.directory, 'state'),
      '--runtime-dir',
      join(this.directory, 'run'),
    ];
    return {
      program: process.execPath,
      args: [masqueVpn, 'connect', this.profile, '--verbose', ...places, ...flags],
    };
  }
}

function innerAddresses(prefixes: readonly string[]): InnerAddresses {
  const [ipv4, ipv6] = [false, true].map((six) =>
    prefixes.find((prefix) => prefix.includes(':') === six)?.replace(/\/.*/, ''),
  );
  if (ipv4 === undefined || ipv6 === undefined) throw new Error(`not dual stack: ${prefixes.join(', ')}`);
  return { ipv4, ipv6 };
}
