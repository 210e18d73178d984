import { spawn } from 'node:child_process';
import { boundToUs, show, type CommandLine } from './commandLine.js';

/** How a program ended. */
export interface Finished {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  /** After this time the program is killed; milliseconds. */
  readonly withinMs?: number;
}

/** Runs a program to its end. */
export async function run(
  command: CommandLine,
  { input, cwd, withinMs = 30_000 }: RunOptions = {},
): Promise<Finished> {
  const { program, args } = boundToUs(command);
  const child = spawn(program, args, { cwd, stdio: 'pipe', timeout: withinMs, killSignal: 'SIGKILL' });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** Runs a program that has to succeed; returns its standard output. Throws otherwise. */
export async function mustRun(command: CommandLine, options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(command, options);
  if (code !== 0) throw new Error(`${show(command)} ended with ${code ?? 'a signal'}: ${stderr}${stdout}`);
  return stdout;
}

function collect(stream: NodeJS.ReadableStream): { text: () => string } {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { text: () => Buffer.concat(chunks).toString() };
}
