import type { Host, HostNetwork, LookAhead } from '../../host.js';
import { serveAgent } from '../../testing/agent.js';
import type { HostPlan } from '../../plan.js';
import type { HostResult } from '../../result.js';
import { linuxHost } from '../host.js';

class HostAgent {
  readonly #host: Host = linuxHost();
  #network: HostNetwork | null = null;

  readonly methods = {
    open: async (journalPath: string): Promise<HostResult<readonly string[]>> => {
      const opened = await this.#host.openNetwork({ journalPath });
      if (!opened.ok) return opened;
      this.#network = opened.value;
      return { ok: true, value: opened.value.recovered };
    },
    lookAhead: async (wanted: LookAhead): Promise<void> => this.#opened.lookAhead(wanted),
    apply: async (plan: HostPlan): Promise<HostResult<void>> => this.#opened.apply(plan),
    remove: async (): Promise<HostResult<void>> => this.#opened.remove(),
    dispose: async (): Promise<void> => this.#opened[Symbol.asyncDispose](),
    facts: async (): ReturnType<Host['facts']> => this.#host.facts(),
    capabilities: async (): ReturnType<Host['capabilities']> => this.#host.capabilities(),
    forwardFilters: async (): ReturnType<Host['forwardFilters']> => this.#host.forwardFilters(),
    forgetFlows: async (address: string): Promise<HostResult<void>> => this.#host.forgetFlows(address),
  };

  get #opened(): HostNetwork {
    if (this.#network === null) throw new Error('open first');
    return this.#network;
  }
}

/** What a test can ask of a process with a real host. */
export type HostAgentMethods = HostAgent['methods'];

await serveAgent(new HostAgent().methods);
