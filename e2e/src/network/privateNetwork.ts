import { mustRun } from '../process/run.js';

/** Set by `npm test` and `npm run demo` inside the network and mount namespaces that they made. */
const insideVariable = 'MASQUE_VPN_PRIVATE_NETWORK';

/** Makes the private network usable: its own /run, in which `ip netns` keeps its names. Refuses to run outside. */
export async function enterPrivateNetwork(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (env[insideVariable] !== '1') {
    throw new Error('this needs a private network; start it with: npm test -- --only e2e, or npm run demo');
  }
  await mustRun({ program: 'mount', args: ['-t', 'tmpfs', 'tmpfs', '/run'] });
  await mustRun({ program: 'ip', args: ['link', 'set', 'lo', 'up'] });
  // The first `ip netns add` prepares /run/netns; doing it here keeps parallel suites from doing it at once.
  await mustRun({ program: 'ip', args: ['netns', 'add', 'first'] });
  await mustRun({ program: 'ip', args: ['netns', 'delete', 'first'] });
}
