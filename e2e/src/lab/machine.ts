import { Agent } from '../agent/agent.js';
import type { Served } from '../agent/calls.js';
import { NetworkNamespace } from '../network/namespace.js';

/** A namespace with an agent in it, both started on demand and ended with it. */
export class Machine implements AsyncDisposable {
  private startedAgent: Agent | null = null;
  private startedServing: Promise<Served> | null = null;

  private constructor(
    readonly namespace: NetworkNamespace,
    /** Addresses by which others reach it. */
    readonly ipv4: string,
    readonly ipv6: string,
  ) {}

  static async create(name: string, ipv4: string, ipv6: string): Promise<Machine> {
    return new Machine(await NetworkNamespace.create(name), ipv4, ipv6);
  }

  get agent(): Agent {
    this.startedAgent ??= new Agent(this.namespace);
    return this.startedAgent;
  }

  /** Ports of this machine's transfer services. */
  async serving(): Promise<Served> {
    this.startedServing ??= this.agent.call('serve', null);
    return this.startedServing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.startedAgent?.[Symbol.asyncDispose]();
    await this.namespace[Symbol.asyncDispose]();
  }
}
