import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readdirSync } from 'node:fs';
import {
  totalColumns,
  type Engine,
  type EngineEvent,
  type Offload,
  type TotalColumn,
} from '@masque-vpn/engine';
import type { NetworkNamespace } from '../network/namespace.js';
import { boundToUs, within } from '../process/commandLine.js';
import { inRepository } from '../repository.js';
import type { EngineCall, EngineMethod, RogueMessage } from './calls.js';

/** How long an event is waited for, milliseconds. */
const patienceMs = 15_000;

export interface RogueEngineOptions {
  /** Offloads that the engine does not use although the host has them. */
  readonly without?: readonly Offload[];
  readonly workers?: number;
  /** Capabilities that its process does not have, as `setpriv` calls them. */
  readonly lacking?: readonly string[];
}

/** A packet engine in a namespace, driven call by call: a client without the product's manners. */
export class RogueEngine implements AsyncDisposable {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (result: unknown) => void>();
  private readonly seen: EngineEvent[] = [];
  private readonly news = new EventEmitter();
  private calls = 0;
  private ended = false;

  constructor(
    private readonly namespace: NetworkNamespace,
    { without = [], workers = 1, lacking = [] }: RogueEngineOptions = {},
  ) {
    const engine = {
      program: process.execPath,
      args: [inRepository('e2e', 'dist', 'rogue', 'main.js'), String(workers), ...without],
    };
    const lost = lacking.map((capability) => `-${capability}`).join();
    const { program, args } = boundToUs(
      namespace.inside(
        lost === '' ? engine : within({ program: 'setpriv', args: ['--bounding-set', lost] }, engine),
      ),
    );
    // `advanced` carries bigint and bytes.
    this.child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
      detached: true,
    });
    this.child.on('message', (message: RogueMessage) => {
      if ('events' in message) {
        this.seen.push(...message.events);
        this.news.emit('events');
      } else this.waiting.get(message.number)?.(message.result);
    });
    this.child.on('exit', () => (this.ended = true));
  }

  /** Calls a method of the engine in the namespace. */
  async call<Name extends EngineMethod>(
    method: Name,
    ...args: Parameters<Engine[Name]>
  ): Promise<ReturnType<Engine[Name]>> {
    return (await this.send(method, args)) as ReturnType<Engine[Name]>;
  }

  /** Opens a TUN with all that the kernel offers, and gives it an address: `10.77.0.1/24`, say. */
  async openTun(name: string, address: string): Promise<void> {
    const opened = await this.call('openTun', { name, mtu: 1350, offload: true, backpressure: true });
    if (!opened.ok) throw new Error(opened.error.message);
    await this.namespace.ip([`addr add ${address} dev ${name}`, `link set ${name} up`]);
  }

  /** A column of the engine's totals, now. */
  async total(column: TotalColumn): Promise<number> {
    const totals = (await this.send('totals', [])) as Float64Array;
    return totals[totalColumns.indexOf(column)] ?? Number.NaN;
  }

  /** Waits for the first event that `match` accepts, those that came already included. */
  async event<Event extends EngineEvent>(
    what: string,
    match: (event: EngineEvent) => event is Event,
  ): Promise<Event> {
    const deadline = AbortSignal.timeout(patienceMs);
    for (;;) {
      const found = this.seen.find(match);
      if (found !== undefined) return found;
      try {
        await once(this.news, 'events', { signal: deadline });
      } catch {
        throw new Error(`no ${what}; events so far: ${this.seen.map(({ type }) => type).join(', ')}`);
      }
    }
  }

  /** Open descriptors of the process, now. */
  openFiles(): number {
    return readdirSync(`/proc/${this.child.pid ?? 0}/fd`).length;
  }

  private async send(method: EngineCall['method'], args: readonly unknown[]): Promise<unknown> {
    const number = ++this.calls;
    const result = new Promise((resolve) => this.waiting.set(number, resolve));
    this.child.send({ number, method, args });
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await exited;
  }
}
