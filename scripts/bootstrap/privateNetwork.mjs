import { existsSync } from 'node:fs';
import { StepFailure } from './failure.mjs';
import { findProgram, run, tail } from './program.mjs';

/** Set inside; e2e refuses to touch namespaces without it. */
export const insideVariable = 'MASQUE_VPN_PRIVATE_NETWORK';

/**
 * Arguments that make `unshare` enter network and mount namespaces of our own: nothing done inside
 * reaches the host. Without root, a user namespace in which we are root comes first.
 */
const entrance = () => [
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  '--net',
  '--mount',
];

/**
 * The command line that runs a program in a private network, after trying that this machine allows it.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<{ name: string, args: string[], env: Record<string, string> }>}
 */
export async function inPrivateNetwork(program, args) {
  if (findProgram('unshare') === null) {
    throw new StepFailure(
      'Private network',
      'the program unshare is missing',
      'install util-linux with your package manager',
    );
  }
  const trial = await run('unshare', [...entrance(), 'mount', '-t', 'tmpfs', 'tmpfs', '/run']);
  if (trial.code !== 0) {
    throw new StepFailure(
      'Private network',
      `this machine does not let you make namespaces: ${tail(trial.output, 2)}`,
      'run this as root, or allow user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1 (Debian) or sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)',
    );
  }
  if (!existsSync('/dev/net/tun')) {
    throw new StepFailure(
      'Private network',
      'there is no /dev/net/tun',
      'sudo modprobe tun; in a container, start it with --device /dev/net/tun',
    );
  }
  return { name: 'unshare', args: [...entrance(), program, ...args], env: { [insideVariable]: '1' } };
}
