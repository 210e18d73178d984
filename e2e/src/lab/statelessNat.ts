import type { NetworkNamespace } from '../network/namespace.js';

/** Who is translated: one UDP flow from a client's port to a server's. */
export interface TranslatedFlow {
  readonly client: string;
  readonly clientPort: number;
  readonly server: string;
  readonly serverPort: number;
}

/**
 * A translator of ports in the middle of a lab's internet, for one flow over IPv4. It keeps no state of its own, so that
 * a changed port takes effect with the next packet, as when a home router forgot the flow.
 */
export class StatelessNat {
  constructor(
    private readonly router: NetworkNamespace,
    private readonly flow: TranslatedFlow,
  ) {}

  /** From now on the server sees the flow come from `port`, and answers to former ports are lost. */
  async setPort(port: number): Promise<void> {
    const { client, clientPort, server, serverPort } = this.flow;
    const up = `ip saddr ${client} udp sport ${clientPort} ip daddr ${server} udp dport ${serverPort}`;
    const down = `ip saddr ${server} udp sport ${serverPort} ip daddr ${client}`;
    await this.router.mustRun(
      { program: 'nft', args: ['-f', '-'] },
      {
        input: `table ip nat_of_test
delete table ip nat_of_test
table ip nat_of_test {
  chain forward {
    type filter hook forward priority 0
    ${up} udp sport set ${port}
    ${down} udp dport ${port} udp dport set ${clientPort} accept
    ${down} drop
  }
}
`,
      },
    );
  }
}
