import { spawn, type ChildProcess } from 'node:child_process';
import type { NetworkNamespace } from '../network/namespace.js';
import { boundToUs } from '../process/commandLine.js';
import { inRepository } from '../repository.js';
import type { AgentCalls, Answer, CallName } from './calls.js';

/** A process of ours in a namespace that sends, receives and fetches when asked. */
export class Agent implements AsyncDisposable {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private calls = 0;

  constructor(namespace: NetworkNamespace) {
    const { program, args } = boundToUs(
      namespace.inside({
        program: process.execPath,
        args: [inRepository('e2e', 'dist', 'agent', 'main.js')],
      }),
    );
    this.child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true });
    this.child.on('message', (answer: Answer) => {
      this.waiting.get(answer.number)?.(answer);
      this.waiting.delete(answer.number);
    });
    this.child.on('exit', () => {
      for (const [number, settle] of this.waiting) settle({ number, ok: false, message: 'the agent ended' });
      this.waiting.clear();
    });
  }

  /** Asks the agent; rejects with what went wrong there. */
  async call<Name extends CallName>(
    name: Name,
    parameter: AgentCalls[Name][0],
  ): Promise<AgentCalls[Name][1]> {
    const number = ++this.calls;
    const answer = await new Promise<Answer>((resolve) => {
      this.waiting.set(number, resolve);
      this.child.send({ number, name, parameter });
    });
    if (!answer.ok) throw new Error(`${name}: ${answer.message}`);
    return answer.result as AgentCalls[Name][1];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await exited;
  }
}
