import { inside, mustRun } from '../network.mjs';

/** TCP segments with a wrong checksum that either side has seen so far (`TcpInCsumErrors`). */
export async function tcpChecksumErrors() {
  const sides = /** @type {(keyof typeof import('../network.mjs').namespaces)[]} */ (['client', 'server']);
  const counts = await Promise.all(
    sides.map(async (side) => {
      const lines = (await mustRun('ip', inside(side, ['cat', '/proc/net/snmp']))).split('\n');
      const [names = '', values = ''] = lines.filter((line) => line.startsWith('Tcp:'));
      return Number(values.split(' ')[names.split(' ').indexOf('InCsumErrors')]);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
