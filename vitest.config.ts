import { defineConfig } from 'vitest/config';

/** Packages resolve each other from their sources, so a test never sees a stale build. */
const fromSources = {
  ssr: { resolve: { conditions: ['source'] } },
  resolve: { conditions: ['source'] },
};

/** What a test waits for with `expect.poll` is there at once, or soon on a busy machine. */
const patiently = { expect: { poll: { timeout: 10_000 } } };

const native = 'packages/*/src/**/*.native.test.ts';
const netns = 'packages/*/src/**/*.netns.test.ts';
const browser = 'e2e/src/browser/**/*.test.ts';
const postgres = 'packages/*/src/**/*.postgres.test.ts';

/**
 * One project for what each group of tests needs of the machine:
 * `typescript` nothing but Node; `postgres` PostgreSQL's programs, and what runs on both databases runs in
 * both of these; `native` the built engine; `netns` the right to make network namespaces; `e2e` both, and
 * the built packages; `browser` a browser beside.
 */
export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        ...fromSources,
        test: {
          ...patiently,
          name: 'typescript',
          include: ['packages/*/src/**/*.test.ts', 'bench/**/*.test.mjs', 'scripts/**/*.test.mjs'],
          exclude: [native, netns, postgres],
          // Whole servers start in some of them, and machines are busy.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...fromSources,
        test: { ...patiently, name: 'native', include: [native], testTimeout: 20_000 },
      },
      {
        ...fromSources,
        test: {
          ...patiently,
          name: 'postgres',
          include: ['packages/server/src/store/**/*.test.ts', 'packages/*/src/**/*.stores.test.ts', postgres],
          exclude: ['packages/server/src/store/sqlite*.test.ts', netns],
          globalSetup: ['packages/server/src/store/testing/postgresSetup.ts'],
          // Nothing of ours has module state but the counter of ids, and loading it all again for each file costs more than the tests.
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        ...fromSources,
        test: { ...patiently, name: 'netns', include: [netns], testTimeout: 30_000, hookTimeout: 30_000 },
      },
      {
        ...fromSources,
        test: {
          ...patiently,
          name: 'e2e',
          include: ['e2e/src/**/*.test.ts'],
          exclude: [browser],
          globalSetup: ['e2e/src/globalSetup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...fromSources,
        test: {
          ...patiently,
          name: 'browser',
          include: [browser],
          globalSetup: ['e2e/src/globalSetup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
