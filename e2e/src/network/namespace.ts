import { within, type CommandLine } from '../process/commandLine.js';
import { mustRun, run, type Finished, type RunOptions } from '../process/run.js';

/** A network namespace of ours: one machine of a test. Disposing removes it and every interface in it. */
export class NetworkNamespace implements AsyncDisposable {
  private constructor(readonly name: string) {}

  static async create(name: string): Promise<NetworkNamespace> {
    await mustRun({ program: 'ip', args: ['netns', 'add', name] });
    const namespace = new NetworkNamespace(name);
    // Addresses are ours alone in here: they need not be proved unique for a second first.
    await namespace.setting('net/ipv6/conf/default/accept_dad', '0');
    await namespace.ip(['link set lo up']);
    return namespace;
  }

  /** `command`, run inside. `ip netns exec` becomes the program, so the process id is the program's. */
  inside(command: CommandLine): CommandLine {
    return within({ program: 'ip', args: ['netns', 'exec', this.name] }, command);
  }

  async run(command: CommandLine, options: RunOptions = {}): Promise<Finished> {
    return run(this.inside(command), options);
  }

  async mustRun(command: CommandLine, options: RunOptions = {}): Promise<string> {
    return mustRun(this.inside(command), options);
  }

  /** Lines of `ip -batch`, all or an error. */
  async ip(lines: readonly string[]): Promise<void> {
    await mustRun(
      { program: 'ip', args: ['-n', this.name, '-batch', '-'] },
      { input: `${lines.join('\n')}\n` },
    );
  }

  /** Writes a value below /proc/sys, `net/ipv4/ip_forward` say. */
  async setting(path: string, value: string): Promise<void> {
    await this.mustRun({ program: 'tee', args: [`/proc/sys/${path}`] }, { input: value });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await mustRun({ program: 'ip', args: ['netns', 'delete', this.name] });
  }
}
