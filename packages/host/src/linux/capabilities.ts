import { access, open, readFile } from 'node:fs/promises';

import type { Family } from '../family.js';
import type { HostCapabilities } from '../host.js';

/** Bit of CAP_NET_ADMIN in a capability set (linux/capability.h). */
const capNetAdmin = 12n;

/** Looks at this process and its kernel. */
export async function readCapabilities(): Promise<HostCapabilities> {
  const [status, tunProblem, ipv6] = await Promise.all([
    readFile('/proc/self/status', 'utf8'),
    findTunProblem(),
    hasIpv6(),
  ]);
  const netAdmin = effectiveCapabilities(status) & (1n << capNetAdmin);
  const missing: string[] = [];
  if (netAdmin === 0n) {
    missing.push(
      'this process has no CAP_NET_ADMIN: run it as root, or with AmbientCapabilities=CAP_NET_ADMIN under systemd, ' +
        'or with --cap-add NET_ADMIN in a container',
    );
  }
  if (tunProblem !== null) missing.push(tunProblem);
  return { netAdmin: netAdmin !== 0n, tun: tunProblem === null, ipv6, missing };
}

/** Families this kernel speaks. */
export async function readFamilies(): Promise<readonly Family[]> {
  return (await hasIpv6()) ? [4, 6] : [4];
}

/** The effective set from `/proc/PID/status`. */
export function effectiveCapabilities(status: string): bigint {
  const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(status);
  return match?.[1] === undefined ? 0n : BigInt(`0x${match[1]}`);
}

async function findTunProblem(): Promise<string | null> {
  const path = '/dev/net/tun';
  try {
    const device = await open(path, 'r+');
    await device.close();
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT') {
      return `${path} is missing: modprobe tun; mkdir -p /dev/net; mknod ${path} c 10 200 (in a container: --device ${path})`;
    }
    return `${path} cannot be opened (${code})`;
  }
}

async function hasIpv6(): Promise<boolean> {
  try {
    await access('/proc/sys/net/ipv6/conf/all');
    return true;
  } catch {
    return false;
  }
}
