import type { NetworkNamespace } from './namespace.js';

/** Echo requests that the machine's kernel has received so far, of either family: proof of what arrived. */
export async function echoRequestsReceived(
  namespace: NetworkNamespace,
): Promise<{ ipv4: number; ipv6: number }> {
  const snmp = await namespace.mustRun({ program: 'cat', args: ['/proc/net/snmp'] });
  const [names = '', values = ''] = snmp.split('\n').filter((line) => line.startsWith('Icmp:'));
  const column = names.split(/\s+/).indexOf('InEchos');
  const snmp6 = await namespace.mustRun({ program: 'cat', args: ['/proc/net/snmp6'] });
  return {
    ipv4: Number(values.split(/\s+/)[column]),
    ipv6: Number(/^Icmp6InEchos\s+(\d+)$/m.exec(snmp6)?.[1]),
  };
}
