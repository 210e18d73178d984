/** A program and its arguments; never a shell string. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
}

/** `inner`, run by `outer`: the words of `inner` follow those of `outer`. */
export function within(outer: CommandLine, inner: CommandLine): CommandLine {
  return { program: outer.program, args: [...outer.args, inner.program, ...inner.args] };
}

/** `command`, ended by the kernel when the thread that started it ends: nothing survives a killed test run. */
export function boundToUs(command: CommandLine): CommandLine {
  return within({ program: 'setpriv', args: ['--pdeathsig', 'KILL'] }, command);
}

/** As a person would type it, for messages. */
export function show({ program, args }: CommandLine): string {
  return [program, ...args].join(' ');
}
