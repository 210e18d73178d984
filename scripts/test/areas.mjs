import { cargoTest } from './cargo.mjs';
import { vitest } from './vitest.mjs';

/**
 * @typedef {object} Area
 * @property {string} about
 * @property {import('../bootstrap/bootstrap.mjs').Needs} needs
 * @property {(onLine: (line: string) => void) => Promise<import('./vitest.mjs').Result>} run
 */

/**
 * The longest first, so that the shorter ones fill the other core.
 * @type {Readonly<Record<string, Area>>}
 */
export const areas = {
  e2e: {
    about: 'real servers and clients in network namespaces',
    needs: {
      engine: true,
      packages: true,
      programs: ['nft', 'ip', 'ping', 'unshare', 'setpriv', 'prometheus', 'promtool'],
    },
    // They wait more than they compute.
    run: vitest('e2e', { privateNetwork: true, workers: 3 }),
  },
  browser: {
    about: 'the web UI in a real browser, with real servers and clients',
    needs: {
      engine: true,
      packages: true,
      programs: ['nft', 'ip', 'ping', 'unshare', 'chromium-headless-shell'],
    },
    run: vitest('browser', { privateNetwork: true }),
  },
  rust: {
    about: 'the crates of engine/, and the wire of bench/',
    needs: { engine: true },
    run: cargoTest,
  },
  typescript: {
    about: 'everything in TypeScript on the fake engine; needs no Rust toolchain',
    needs: {},
    run: vitest('typescript'),
  },
  postgres: {
    about: 'what is stored, on PostgreSQL as well; the tests start one of their own',
    needs: { programs: ['initdb', 'setpriv'] },
    run: vitest('postgres'),
  },
  native: {
    about: 'TypeScript on the built engine (*.native.test.ts)',
    needs: { engine: true },
    run: vitest('native'),
  },
  netns: {
    about: 'changes of the operating system, in network namespaces (*.netns.test.ts)',
    needs: { engine: true, programs: ['nft', 'ip', 'unshare'] },
    run: vitest('netns', { privateNetwork: true }),
  },
};
