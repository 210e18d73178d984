import { runCommandLine } from '../program.js';
import type { ExitCode } from '../exitCode.js';
import type { Output, World } from '../world.js';

/** What a stream got. */
export class CapturedOutput implements Output {
  text = '';
  readonly isTerminal: boolean;
  readonly columns = 80;

  constructor(isTerminal: boolean) {
    this.isTerminal = isTerminal;
  }

  write(text: string): void {
    this.text += text;
  }
}

/** A process around one command. */
export class TestWorld implements World {
  readonly out: CapturedOutput;
  readonly err: CapturedOutput;
  readonly env: Readonly<Record<string, string | undefined>> = {};
  readonly uid = 1000;
  readonly #signal = new AbortController();

  constructor({ isTerminal = false } = {}) {
    this.out = new CapturedOutput(isTerminal);
    this.err = new CapturedOutput(isTerminal);
  }

  untilSignal(): AbortSignal {
    return this.#signal.signal;
  }

  /** SIGTERM. */
  terminate(): void {
    this.#signal.abort();
  }

  now(): number {
    return Date.now();
  }
}

/** What a command said, and its exit code. */
export interface Said {
  readonly exit: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line to its end. */
export async function say(...args: readonly string[]): Promise<Said> {
  const world = new TestWorld();
  const exit = await runCommandLine(args, world);
  return { exit, out: world.out.text, err: world.err.text };
}
