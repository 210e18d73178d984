import type { Lab } from '../lab/lab.js';
import type { NetworkNamespace } from '../network/namespace.js';

/** How to look at a demo that was left running, from another terminal. */
export function lookAround(lab: Lab, socket: string, pid: number, root: boolean): readonly string[] {
  const enter = `nsenter --target ${pid} --net --mount${root ? '' : ' --user --preserve-credentials'}`;
  const inside = (namespace: NetworkNamespace): string => `${enter} ip netns exec ${namespace.name}`;
  return [
    'Everything keeps running until Ctrl-C. From another terminal, in this folder:',
    '',
    '  the metrics       ' + `${inside(lab.host.namespace)} curl -s http://203.0.113.1:8080/metrics`,
    '  what is connected ' + `npx masque-vpn admin --socket ${socket} session list`,
    '  a shell of alice  ' + `${inside(lab.client(1).namespace)} bash`,
    '  a shell of bob    ' + `${inside(lab.client(2).namespace)} bash`,
    '  on the server     ' + `${inside(lab.server.namespace)} bash`,
    '  on the host       ' + `${inside(lab.host.namespace)} bash`,
    '',
    `In alice's shell, for instance: ping ${lab.host.ipv4}, ping ${lab.host.ipv6}, ip address, ip rule.`,
  ];
}
