import { ip, mustRun, namespaces } from '../network.mjs';

const device = 'slow';
const ends = { client: '198.51.100.2', server: '198.51.100.1' };
/** What the link sends at once, and for how long packets wait for it at most. */
const shape = ['burst', '16kb', 'latency', '100ms'];

/**
 * Works while a second link joins the two machines that takes so much each way; `work` is told the server's address on it.
 * @template T
 * @param {number} mbitPerSecond
 * @param {(server: string) => Promise<T>} work
 */
export async function besideSlowLink(mbitPerSecond, work) {
  const [near, far] = [
    [device, 'netns', namespaces.client],
    [device, 'netns', namespaces.server],
  ];
  await ip('link', 'add', ...near, 'type', 'veth', 'peer', 'name', ...far);
  try {
    for (const side of /** @type {const} */ (['client', 'server'])) {
      const at = ['-n', namespaces[side]];
      await ip(...at, 'addr', 'add', `${ends[side]}/24`, 'dev', device);
      await ip(...at, 'link', 'set', device, 'up');
      const limit = ['root', 'tbf', 'rate', `${mbitPerSecond}mbit`, ...shape];
      await mustRun('tc', [...at, 'qdisc', 'add', 'dev', device, ...limit]);
    }
    return await work(ends.server);
  } finally {
    await ip('-n', namespaces.client, 'link', 'del', device);
  }
}
