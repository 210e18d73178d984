import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, run, tail } from '../../scripts/bootstrap/program.mjs';
import { isStamped, stamp } from '../../scripts/bootstrap/stamp.mjs';
import { cache } from './goPrograms.mjs';
import { wireguardLink } from './wireguardLink.mjs';

const version = '0.7.1';
const folder = join(cache, 'boringtun');
const program = join(folder, 'bin', 'boringtun-cli');

/**
 * Cloudflare's WireGuard in Rust.
 * @type {import('./peer.mjs').Peer}
 */
export const boringtun = {
  name: 'boringtun',
  build: async (progress) => {
    if (existsSync(program) && isStamped('bench-boringtun', version)) return null;
    if (findProgram('cargo') === null) return 'there is no cargo to build it with (https://rustup.rs/)';
    const { code, output } = await progress.step('boringtun-cli', (say) =>
      run('cargo', ['install', 'boringtun-cli', '--version', version, '--locked', '--root', folder], {
        onLine: say,
      }),
    );
    if (code !== 0) return `it does not build here: ${tail(output, 3)}`;
    stamp('bench-boringtun', version);
    return null;
  },
  ...wireguardLink('bt', (link) => [program, '-f', '--disable-drop-privileges', link]),
  sessions: null,
};
