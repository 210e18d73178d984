import { existsSync, mkdirSync } from 'node:fs';
import { findProgram, run, tail } from '../../scripts/bootstrap/program.mjs';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { filesBelow, fingerprint, isStamped, stamp } from '../../scripts/bootstrap/stamp.mjs';

/** Where programs that are only measured go. */
export const cache = inRepository('.cache', 'bench');
const binaries = inRepository('.cache', 'bench', 'bin');
const packages = ['./connectIpGo', './wireguardSessions', 'golang.zx2c4.com/wireguard'];

/** @param {'connectIpGo' | 'wireguardSessions' | 'wireguard'} name */
export const goProgram = (name) => inRepository('.cache', 'bench', 'bin', name);

/**
 * Builds all programs in Go, at the versions of peers/go/go.mod; why it cannot, or null.
 * @param {import('../../scripts/bootstrap/progress.mjs').Progress} progress
 * @returns {Promise<string | null>}
 */
export async function buildGoPrograms(progress) {
  const state = fingerprint(filesBelow('bench/peers/go'));
  if (existsSync(binaries) && isStamped('bench-go', state)) return null;
  if (findProgram('go') === null) return 'there is no Go to build it with (https://go.dev/dl/)';
  mkdirSync(binaries, { recursive: true });
  const { code, output } = await progress.step('peers in Go', (say) =>
    run('go', ['build', '-mod=readonly', '-o', `${binaries}/`, ...packages], {
      cwd: inRepository('bench', 'peers', 'go'),
      onLine: say,
    }),
  );
  if (code !== 0) return `it does not build here: ${tail(output, 3)}`;
  stamp('bench-go', state);
  return null;
}
