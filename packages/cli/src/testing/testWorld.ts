import { runCommandLine } from '../program.js';
import type { ExitCode } from '../exitCode.js';
import type { Input } from '../standardInput.js';
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

/** What is typed or piped into a command. */
export class ScriptedInput implements Input {
  /** What was asked. */
  readonly questions: string[] = [];
  readonly isTerminal: boolean;
  readonly #lines: string[];

  constructor(isTerminal: boolean, lines: readonly string[]) {
    this.isTerminal = isTerminal;
    this.#lines = [...lines];
  }

  async readAll(mostBytes: number): Promise<string | null> {
    const text = this.#lines.join('\n');
    return Promise.resolve(text.length > mostBytes ? null : text);
  }

  async ask(question: string): Promise<string | null> {
    this.questions.push(question);
    return Promise.resolve(this.#lines.shift() ?? null);
  }
}

/** A process around one command. */
export class TestWorld implements World {
  readonly out: CapturedOutput;
  readonly err: CapturedOutput;
  readonly env: Readonly<Record<string, string | undefined>> = {};
  readonly uid = 1000;
  readonly input: ScriptedInput;
  /** Whether secrets among the arguments were taken out of sight. */
  hidden = false;
  readonly #signal = new AbortController();

  /** `typed`: the lines of standard input. */
  constructor({ isTerminal = false, typed = [] as readonly string[] } = {}) {
    this.input = new ScriptedInput(isTerminal, typed);
    this.out = new CapturedOutput(isTerminal);
    this.err = new CapturedOutput(isTerminal);
  }

  untilSignal(): AbortSignal {
    return this.#signal.signal;
  }

  untilSignalBut(): AbortSignal {
    return this.#signal.signal;
  }

  /** SIGTERM. */
  terminate(): void {
    this.#signal.abort();
  }

  hideArguments(): void {
    this.hidden = true;
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
  return sayIn(new TestWorld(), ...args);
}

/** As {@link say}, in a world of the test's. */
export async function sayIn(world: TestWorld, ...args: readonly string[]): Promise<Said> {
  const exit = await runCommandLine(args, world);
  return { exit, out: world.out.text, err: world.err.text };
}
