import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import { promisify } from 'node:util';

import type { AgentMethods } from './agent.js';
import { typescriptCommand } from './typescriptCommand.js';

const run = promisify(execFile);

/**
 * A private network namespace for one test, as root or as an ordinary user, held by a process that ends with it.
 * Opening it fails where namespaces are not allowed; such a test fails, it does not skip.
 */
export class Namespace implements AsyncDisposable {
  readonly #holder: ChildProcess;
  readonly #enter: readonly string[];
  readonly #agents: Agent<AgentMethods>[] = [];

  private constructor(holder: ChildProcess, enter: readonly string[]) {
    this.#holder = holder;
    this.#enter = enter;
  }

  /** `beside`: one with the same owner, so that links can be moved between the two. */
  static async open(beside?: Namespace): Promise<Namespace> {
    const isRoot = process.getuid?.() === 0;
    const user = isRoot || beside !== undefined ? [] : ['--user', '--map-root-user'];
    // `cat` lives as long as this process keeps its stdin open, whatever happens to us.
    const script = 'ip link set lo up && echo ready && exec cat';
    const unshare = ['unshare', ...user, '--net', '--mount', '--', 'sh', '-c', script];
    const [file = '', ...args] = beside === undefined ? unshare : ['nsenter', ...beside.#enter, ...unshare];
    const holder = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const [ready] = (await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')])) as unknown[];
    if (String(ready).trim() !== 'ready') throw new Error('this machine gives no network namespaces');
    const pid = String(holder.pid);
    const own = await readlink('/proc/self/ns/net');
    if ((await readlink(`/proc/${pid}/ns/net`)) === own) throw new Error('not in a namespace of its own');
    const enter = ['-t', pid, ...(isRoot ? [] : ['-U', '--preserve-credentials']), '-n', '-m', '--'];
    return new Namespace(holder, enter);
  }

  /** Process id in whose namespace everything happens. */
  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** Runs a program inside; its stdout. Throws on failure. */
  async run(file: string, ...args: readonly string[]): Promise<string> {
    return (await run('nsenter', [...this.#enter, file, ...args])).stdout;
  }

  /** Runs several `ip` commands, given as text. */
  async ip(...lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.run('ip', ...line.split(' '));
  }

  /** Everything a plan could change, as one text to compare. */
  async dump(): Promise<string> {
    const script =
      'ip -d link; ip address; ip rule; ip -6 rule; ip -4 route show table all; ip -6 route show table all; ' +
      'nft list ruleset; grep -rs . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf | sort';
    return this.run('sh', '-c', script);
  }

  /** Starts a TypeScript module inside that calls `serveAgent` with `Methods`; `PATH` begins with `programs`. */
  agent<Methods extends AgentMethods>(module: URL, programs?: string): Agent<Methods> {
    const child = spawn('nsenter', [...this.#enter, ...typescriptCommand(module)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, PATH: [programs ?? [], process.env['PATH'] ?? []].flat().join(':') },
    });
    const agent = new Agent<Methods>(child);
    this.#agents.push(agent);
    return agent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.kill()));
    const exited = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await exited;
  }
}

/** A process inside a namespace that does what it is asked, one thing at a time. */
export class Agent<Methods extends AgentMethods> {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  constructor(child: ChildProcess) {
    if (child.stdout === null) throw new Error('an agent answers on its stdout');
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Asks and waits for the answer; throws what the method threw. */
  async ask<Name extends keyof Methods & string>(
    method: Name,
    argument: Parameters<Methods[Name]>[0],
  ): Promise<Awaited<ReturnType<Methods[Name]>>> {
    this.tell(method, argument);
    const line = await this.#answers.next();
    if (line.done === true) throw new Error('the agent ended');
    const answer = JSON.parse(line.value) as { value: Awaited<ReturnType<Methods[Name]>>; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  }

  /** Asks without waiting. */
  tell<Name extends keyof Methods & string>(method: Name, argument: Parameters<Methods[Name]>[0]): void {
    this.#child.stdin?.write(`${JSON.stringify({ method, argument: argument as unknown })}\n`);
  }

  /** Waits until the process has ended by itself, or by somebody else's doing. */
  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  /** SIGKILL, and the end of the process. `nsenter` becomes its program, so this is the agent itself. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
