import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

import { failed, succeeded, type HostResult } from '../result.js';

/** The programs we run, each with the Debian package that has it. */
const packages = { ip: 'iproute2', nft: 'nftables', conntrack: 'conntrack' } as const;
export type Tool = keyof typeof packages;

/** Where administrators' programs are even if PATH does not say so. */
const usualFolders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

export interface CommandOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs programs with argument lists and a time limit; finds each program once. */
export interface Commands {
  /** HOST_TOOL_MISSING, HOST_COMMAND_TIMEOUT, HOST_COMMAND_FAILED (could not be started); else what it said. */
  run(tool: Tool, args: readonly string[], input?: string): Promise<HostResult<CommandOutput>>;
  /** The same, but an exit code other than 0 is HOST_PERMISSION_DENIED or HOST_COMMAND_FAILED. */
  expect(tool: Tool, args: readonly string[], input?: string): Promise<HostResult<string>>;
}

export interface CommandsOptions {
  /** Like `PATH`. */
  readonly searchPath: string;
  /** A program that runs longer is killed; milliseconds. */
  readonly timeoutMs: number;
  /** Searched after `searchPath`; absent: where administrators' programs usually are. */
  readonly usualFolders?: readonly string[];
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** A program that is nowhere is looked for again after this long: every end of a session asks for `conntrack`. */
const missingMs = 30_000;

/** Largest output we read, bytes: a full routing table as JSON is tens of megabytes. */
const outputLimit = 256 * 1024 * 1024;

/** {@link Commands} on this machine. */
export class SystemCommands implements Commands {
  readonly #folders: readonly string[];
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #found = new Map<Tool, string>();
  /** Programs that were nowhere, and until when that is believed. */
  readonly #missing = new Map<Tool, number>();

  constructor(options: CommandsOptions) {
    const folders = options.searchPath.split(':').filter((folder) => folder.startsWith('/'));
    this.#folders = [...folders, ...(options.usualFolders ?? usualFolders)];
    this.#timeoutMs = options.timeoutMs;
    this.#now = options.now ?? (() => performance.now());
  }

  async run(tool: Tool, args: readonly string[], input = ''): Promise<HostResult<CommandOutput>> {
    const file = this.#find(tool);
    if (file === null) return failed('HOST_TOOL_MISSING', missingMessage(tool));
    return new Promise((resolve) => {
      const options = {
        timeout: this.#timeoutMs,
        killSignal: 'SIGKILL' as const,
        maxBuffer: outputLimit,
        // Messages are parsed, so they must not be translated.
        env: { LC_ALL: 'C', PATH: this.#folders.join(':') },
      };
      const child = execFile(file, args, options, (error, stdout, stderr) => {
        if (error === null) resolve(succeeded({ exitCode: 0, stdout, stderr }));
        else if (typeof error.code === 'number') resolve(succeeded({ exitCode: error.code, stdout, stderr }));
        else if (error.killed === true && error.signal === 'SIGKILL') {
          resolve(
            failed('HOST_COMMAND_TIMEOUT', `${commandLine(tool, args)}: no end after ${this.#timeoutMs} ms`),
          );
        } else resolve(failed('HOST_COMMAND_FAILED', `${commandLine(tool, args)}: ${error.message}`));
      });
      // A program that refuses its input before reading it all closes the pipe; its exit code tells.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  }

  async expect(tool: Tool, args: readonly string[], input?: string): Promise<HostResult<string>> {
    const result = await this.run(tool, args, input);
    if (!result.ok) return result;
    const { exitCode, stdout, stderr } = result.value;
    return exitCode === 0 ? succeeded(stdout) : commandFailed(commandLine(tool, args), stderr, exitCode);
  }

  /** Looks at a few folders, once: that takes less time than to ask another thread for each. */
  #find(tool: Tool): string | null {
    const known = this.#found.get(tool);
    if (known !== undefined) return known;
    if (this.#now() < (this.#missing.get(tool) ?? 0)) return null;
    for (const folder of this.#folders) {
      const file = join(folder, tool);
      if (isExecutable(file)) {
        this.#found.set(tool, file);
        return file;
      }
    }
    this.#missing.set(tool, this.#now() + missingMs);
    return null;
  }
}

/** The failure of a program that ran: what refused it decides the code. */
export function commandFailed(what: string, stderr: string, exitCode: number): ReturnType<typeof failed> {
  const said = stderr.trim() === '' ? `exit code ${exitCode}` : stderr.trim();
  const denied = /Operation not permitted|Permission denied/.test(stderr);
  return failed(denied ? 'HOST_PERMISSION_DENIED' : 'HOST_COMMAND_FAILED', `${what}: ${said}`);
}

function commandLine(tool: Tool, args: readonly string[]): string {
  return [tool, ...args].join(' ');
}

function missingMessage(tool: Tool): string {
  return `the program "${tool}" is missing; install the package ${packages[tool]} (apt-get install ${packages[tool]})`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
