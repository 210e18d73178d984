import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { boundToUs, show, type CommandLine } from './commandLine.js';
import { eventually } from './eventually.js';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Patience with a process that was asked to end, milliseconds. */
const graceMs = 15_000;

/** A long-running process with its output kept. Disposing ends it, gently first. */
export class Daemon implements AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process has ended and all of its output has arrived. */
  readonly exited: Promise<Exit>;
  private readonly child: ChildProcess;
  private readonly chunks: string[] = [];
  private ended: Exit | null = null;

  constructor(readonly command: CommandLine) {
    const { program, args } = boundToUs(command);
    // A process group of its own: Ctrl-C at a terminal reaches us, and we decide the order in which things end.
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    if (this.child.pid === undefined) throw new Error(`cannot start ${show(command)}`);
    this.pid = this.child.pid;
    const keep = (chunk: Buffer): void => void this.chunks.push(chunk.toString());
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.ended = { code, signal };
        resolve(this.ended);
      });
    });
  }

  /** Both output streams so far. */
  get output(): string {
    return this.chunks.join('');
  }

  get running(): boolean {
    return this.ended === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends `signal` and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM', withinMs = graceMs): Promise<Exit> {
    this.kill(signal);
    return this.exitWithin(withinMs);
  }

  async exitWithin(withinMs: number): Promise<Exit> {
    return eventually(
      `end of ${show(this.command)}; it said:\n${this.output}`,
      () => this.ended ?? undefined,
      withinMs,
    );
  }

  /** Resident memory in bytes, now. */
  residentBytes(): number {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) * 1024;
  }

  /** Open descriptors, now. */
  openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.running) return;
    try {
      await this.end('SIGTERM');
    } catch {
      await this.end('SIGKILL');
    }
  }
}
