import { type Input, standardInput } from './standardInput.js';

/** A stream of text for people or programs. */
export interface Output {
  write(text: string): void;
  /** Whether somebody watches. */
  readonly isTerminal: boolean;
  /** Width of the terminal in characters; 80 where there is none. */
  readonly columns: number;
}

/** Everything a command takes from the process around it, so that tests can be that process. */
export interface World {
  readonly out: Output;
  readonly err: Output;
  readonly input: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id; 0 is root. */
  readonly uid: number;
  /** Aborts on the first SIGINT, SIGTERM or SIGHUP. Taken only by commands that run until then. */
  untilSignal(): AbortSignal;
  /** The same, but SIGHUP calls back, each time, instead of ending anything. */
  untilSignalBut(onHangup: () => void): AbortSignal;
  /** Takes secrets among the arguments out of what other users see of this process (ps), as far as the system lets. */
  hideArguments(): void;
  /** UTC milliseconds. */
  now(): number;
}

/** The world of this process. */
export function processWorld(): World {
  return {
    out: output(process.stdout),
    err: output(process.stderr),
    input: standardInput(),
    env: process.env,
    uid: process.geteuid?.() ?? -1,
    // SIGHUP: a closed terminal must not leave routes behind that lead nowhere.
    untilSignal: () => firstOf('SIGINT', 'SIGTERM', 'SIGHUP'),
    untilSignalBut: (onHangup) => {
      process.on('SIGHUP', onHangup);
      return firstOf('SIGINT', 'SIGTERM');
    },
    hideArguments: () => {
      // On Linux this overwrites the memory that /proc/PID/cmdline shows.
      process.title = 'masque-vpn';
    },
    now: () => Date.now(),
  };
}

function firstOf(...signals: readonly NodeJS.Signals[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    // Once: a second Ctrl-C ends a process that hangs while it leaves.
    process.once(signal, () => controller.abort(signal));
  }
  return controller.signal;
}

function output(stream: NodeJS.WriteStream): Output {
  // A reader that has seen enough (`| head`), or a terminal that is gone, is no reason to fail.
  stream.on('error', () => undefined);
  return {
    write: (text) => void stream.write(text),
    get isTerminal() {
      return stream.isTTY;
    },
    get columns() {
      return stream.isTTY ? stream.columns : 80;
    },
  };
}
