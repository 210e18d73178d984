import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Namespace, type Agent } from '../../testing/index.js';
import type { HostAgentMethods } from './host.agent.js';

/** A namespace with an uplink, a TUN, something of somebody else's, and a process that can change it. */
export interface HostLab extends AsyncDisposable {
  readonly namespace: Namespace;
  readonly host: Agent<HostAgentMethods>;
  /** Another process like `host`; `programs` is a folder searched before others. */
  readonly another: (programs?: string) => Agent<HostAgentMethods>;
  /** A folder of its own. */
  readonly folder: string;
  /** Journal in it. */
  readonly journal: string;
  /** The dump before anything was changed. */
  readonly before: string;
}

export async function openHostLab(): Promise<HostLab> {
  const folder = await mkdtemp(join(tmpdir(), 'masque-vpn-host-'));
  const namespace = await Namespace.open();
  await namespace.ip(
    'link add up0 type veth peer name up1',
    // Without link-local addresses of their own nothing about them changes with time.
    'link set up0 addrgenmode none',
    'link set up1 addrgenmode none',
    'address add 192.0.2.10/24 dev up0',
    'address add 2001:db8:10::1/64 dev up0 nodad',
    'link set up0 up',
    'link set up1 up',
    'route add default via 192.0.2.1',
    'tuntap add dev tun-test mode tun',
    // An interface gets its queueing discipline when it is first up, and keeps it.
    'link set tun-test up addrgenmode none',
    'link set tun-test down addrgenmode eui64',
  );
  // A forwarding interface among others that do not: turning everything on and off again must keep it.
  await namespace.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/up1/forwarding');
  await namespace.run('nft', 'add', 'table', 'inet', 'of_somebody_else');
  const another: HostLab['another'] = (programs) =>
    namespace.agent<HostAgentMethods>(new URL('./host.agent.ts', import.meta.url), programs);
  return {
    namespace,
    host: another(),
    another,
    folder,
    journal: join(folder, 'host-journal.json'),
    before: await namespace.dump(),
    [Symbol.asyncDispose]: async () => {
      await namespace[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
