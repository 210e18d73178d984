import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetworkNamespace } from '../network/namespace.js';
import { Cleanup } from '../process/cleanup.js';
import { eventually } from '../process/eventually.js';
import { mustRun } from '../process/run.js';
import { Machine } from './machine.js';

export interface LabOptions {
  /** Machines that can run a client; default 1. */
  readonly clients?: number;
  /** First part of the namespaces' names; default: random, so that many labs exist side by side. */
  readonly name?: string;
}

/**
 * A small internet of namespaces, dual stack, with a folder for state:
 *
 *     client 1 ─┐
 *               ├─ internet (routes) ── server ── host (the network behind the server)
 *     client N ─┘
 *
 * The host has no route back to the tunnel's addresses: it answers only because the server translates them.
 */
export class Lab implements AsyncDisposable {
  private constructor(
    private readonly stack: Cleanup,
    readonly directory: string,
    readonly internet: NetworkNamespace,
    readonly server: Machine,
    readonly host: Machine,
    readonly clients: readonly Machine[],
  ) {}

  static async create({
    clients = 1,
    name = `lab${randomBytes(3).toString('hex')}`,
  }: LabOptions = {}): Promise<Lab> {
    await using stack = new Cleanup();
    const directory = await mkdtemp(join(tmpdir(), `masque-vpn-${name}-`));
    stack.defer(() => rm(directory, { recursive: true, force: true }));

    const internet = stack.use(await NetworkNamespace.create(`${name}-net`));
    const server = stack.use(await Machine.create(`${name}-server`, '192.0.2.1', '2001:db8:5::1'));
    const host = stack.use(await Machine.create(`${name}-host`, '203.0.113.10', '2001:db8:1a::10'));
    await connect(internet, 'server', ['192.0.2.254/24', '2001:db8:5::fe/64'], server.namespace, 'eth0', [
      '192.0.2.1/24',
      '2001:db8:5::1/64',
    ]);
    await routeVia(server.namespace, '192.0.2.254', '2001:db8:5::fe');
    await connect(server.namespace, 'lan0', ['203.0.113.1/24', '2001:db8:1a::1/64'], host.namespace, 'eth0', [
      '203.0.113.10/24',
      '2001:db8:1a::10/64',
    ]);
    const machines: Machine[] = [];
    for (let number = 1; number <= clients; number++) {
      const machine = await Machine.create(
        `${name}-client${number}`,
        `198.18.${number}.2`,
        `2001:db8:c:${number}::2`,
      );
      machines.push(stack.use(machine));
      const gateway = [`198.18.${number}.1`, `2001:db8:c:${number}::1`] as const;
      await connect(internet, `client${number}`, gateway.map(onLink), machine.namespace, 'eth0', [
        onLink(machine.ipv4),
        onLink(machine.ipv6),
      ]);
      await routeVia(machine.namespace, ...gateway);
    }
    await internet.setting('net/ipv4/ip_forward', '1');
    await internet.setting('net/ipv6/conf/all/forwarding', '1');
    return new Lab(stack.move(), directory, internet, server, host, machines);
  }

  /** The machine of client `number`, counted from 1. */
  client(number: number): Machine {
    const machine = this.clients[number - 1];
    if (machine === undefined) throw new Error(`this lab has ${this.clients.length} clients`);
    return machine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack[Symbol.asyncDispose]();
  }
}

function onLink(address: string): string {
  return address.includes(':') ? `${address}/64` : `${address}/24`;
}

/** A cable: a veth pair between two namespaces, with addresses, usable at once. */
async function connect(
  left: NetworkNamespace,
  leftName: string,
  leftAddresses: readonly string[],
  right: NetworkNamespace,
  rightName: string,
  rightAddresses: readonly string[],
): Promise<void> {
  await mustRun({
    program: 'ip',
    args: `link add ${leftName} netns ${left.name} type veth peer name ${rightName} netns ${right.name}`.split(
      ' ',
    ),
  });
  await configure(left, leftName, leftAddresses);
  await configure(right, rightName, rightAddresses);
  // The kernel notices the other end a moment later; a test that compares states must not see that happen.
  await eventually(
    `cable ${leftName}`,
    async () => (await isUp(left, leftName)) && (await isUp(right, rightName)),
  );
}

async function isUp(namespace: NetworkNamespace, name: string): Promise<boolean> {
  const link = await mustRun({
    program: 'ip',
    args: ['-n', namespace.name, '-brief', 'address', 'show', 'dev', name],
  });
  return /^\S+\s+UP\s.* fe80:/.test(link);
}

async function configure(
  namespace: NetworkNamespace,
  name: string,
  addresses: readonly string[],
): Promise<void> {
  await namespace.ip([
    ...addresses.map((address) => `addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`),
    `link set ${name} up`,
  ]);
}

async function routeVia(namespace: NetworkNamespace, ipv4: string, ipv6: string): Promise<void> {
  await namespace.ip([`route add default via ${ipv4}`, `route add ::/0 via ${ipv6}`]);
}
