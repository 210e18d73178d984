import { join } from 'node:path';
import { inRepository } from '../bootstrap/repository.mjs';

/**
 * @typedef {object} Step one program that has to end with 0
 * @property {string} program
 * @property {readonly string[]} args
 * @property {string} folder where it runs, from the root of the repository
 * @property {Record<string, string>} env
 */

/** @typedef {{ about: string, steps: readonly Step[] }} SafetyRun */

const triple = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;

/** Counts edges and compares, as libFuzzer wants it; what cargo-fuzz passes as well. */
const coverage = [
  '-Zsanitizer=address',
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
  '-Ccodegen-units=1',
  '--cfg=fuzzing',
].join(' ');

const fuzzTargets = ['framer', 'inner_packet', 'segment', 'coalesce'];

/** Dataplane's modules that make no system call. What is slow and safe by its types is left out. */
const pureModules = ['slabs::tests::all_bytes', 'snapshot::', 'claims::', 'event::', 'handover::', 'meter::'];

/** Where a run builds: beside each other, so that none undoes another's work. @param {string} name */
const target = (name) => inRepository('.cache', 'safety', name);

/** @param {string} name @param {readonly string[]} args @param {Record<string, string>} [env] @returns {Step} */
const cargo = (name, args, env = {}) => ({
  program: 'cargo',
  args: ['+nightly', ...args],
  folder: 'engine',
  // A backtrace takes a thread sanitizer's panic longer than its test waits.
  env: { CARGO_TARGET_DIR: target(name), RUST_BACKTRACE: '0', ...env },
});

/**
 * What `npm run safety` knows, by name.
 * @param {{ seconds: number, runtime: string }} options `seconds` for each fuzz target; `runtime`: the address sanitizer's
 * @returns {Readonly<Record<string, SafetyRun>>}
 */
export function safetyRuns({ seconds, runtime }) {
  const address = { RUSTFLAGS: '-Zsanitizer=address' };
  const addon = join(target('address'), triple, 'debug', 'libmasque_engine_node.so');
  /** @param {string} name @returns {Step} */
  const fuzz = (name) => ({
    program: join(target('fuzz'), triple, 'release', name),
    args: [`-max_total_time=${seconds}`, '-max_len=8192', '-rss_limit_mb=2048', '-print_final_stats=1'],
    folder: 'engine',
    env: {},
  });
  return {
    address: {
      about: "the engine's tests with the address sanitizer and its leak detector",
      steps: [cargo('address', ['test', '--workspace', '--lib', '--target', triple], address)],
    },
    native: {
      about: 'the native tests of TypeScript on an engine with the address sanitizer',
      steps: [
        cargo('address', ['build', '--package', 'masque-engine-node', '--target', triple], address),
        {
          program: process.execPath,
          args: [inRepository('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'native'],
          folder: '.',
          // Node.js keeps memory until it ends.
          env: {
            ASAN_OPTIONS: 'detect_leaks=0',
            LD_PRELOAD: runtime,
            MASQUE_VPN_ENGINE: addon,
            NO_COLOR: '1',
          },
        },
      ],
    },
    thread: {
      about: "dataplane's tests with the thread sanitizer, in a standard library built for it",
      steps: [
        cargo(
          'thread',
          [
            ...['test', '-Zbuild-std', '--package', 'masque-dataplane', '--lib', '--target', triple],
            // One thread, or a count of what a packet costs.
            ...['--', '--skip', 'simulation', '--skip', 'a_packet_takes_no_memory_of_ours'],
          ],
          { RUSTFLAGS: '-Zsanitizer=thread' },
        ),
      ],
    },
    miri: {
      about: 'what makes no system call, in an interpreter that knows undefined behaviour; half an hour',
      steps: [
        cargo('miri', ['miri', 'test', '--package', 'masque-capsule', '--lib'], {
          MIRIFLAGS: '-Zmiri-disable-isolation',
          PROPTEST_CASES: '4',
        }),
        cargo(
          'miri',
          ['miri', 'test', '--package', 'masque-dataplane', '--lib', '--', ...pureModules]
            // Waits with epoll_pwait2, and thousands of changes.
            .concat('--skip', 'two_threads', '--skip', 'worker::'),
          { MIRIFLAGS: '-Zmiri-disable-isolation' },
        ),
      ],
    },
    properties: {
      about: 'the properties of packets, a hundred times as many cases',
      steps: [
        cargo('properties', ['test', '--profile', 'quick', '--package', 'masque-packet', '--lib'], {
          PROPTEST_CASES: '25600',
        }),
      ],
    },
    fuzz: {
      about: 'each fuzz target for --seconds, with the address sanitizer',
      steps: [
        {
          ...cargo('fuzz', ['build', '--release', '--target', triple], { RUSTFLAGS: coverage }),
          folder: join('engine', 'fuzz'),
        },
        ...fuzzTargets.map(fuzz),
      ],
    },
  };
}
