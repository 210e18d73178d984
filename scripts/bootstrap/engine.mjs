import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { StepFailure } from './failure.mjs';
import { findProgram, run, tail } from './program.mjs';
import { inRepository } from './repository.mjs';
import { filesBelow, fingerprint, isStamped, stamp } from './stamp.mjs';
import { isAtLeast } from './version.mjs';

/** Where the built engine goes; packages/engine loads it from there. */
const addon = inRepository('packages', 'engine', 'native', 'masque-engine.node');
const library = inRepository('engine', 'target', 'release', 'libmasque_engine_node.so');

const rustup = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal";

/**
 * Builds the packet engine in its release profile, unless it is built from exactly these sources.
 * @param {import('./progress.mjs').Progress} progress
 * @param {AbortSignal} signal stops the work
 */
export async function prepareEngine(progress, signal) {
  const state = fingerprint(filesBelow('engine'));
  // No toolchain is needed for what is built already: root may not have the one of the user who built it.
  if (existsSync(addon) && isStamped('engine', state)) return;
  await checkToolchain();
  await progress.step('packet engine (Rust)', async (say) => {
    let crates = 0;
    const { code, output } = await run(
      'cargo',
      ['build', '--release', '--locked', '--package', 'masque-engine-node'],
      {
        cwd: inRepository('engine'),
        signal,
        onLine: (line) => {
          const crate = /^\s*Compiling\s+(\S+)/.exec(line)?.[1];
          if (crate !== undefined) say(`${crate}, ${++crates} crates so far`);
        },
      },
    );
    if (code !== 0) {
      throw new StepFailure(
        'Packet engine',
        `cargo build ended with code ${code}:\n       ${tail(output, 30)}`,
        'if the sources are as committed, please report this; a broken cache goes away with: rm -r engine/target',
      );
    }
    mkdirSync(inRepository('packages', 'engine', 'native'), { recursive: true });
    // A running server has the old file mapped: a new file takes its name, the old one stays whole.
    copyFileSync(library, `${addon}.new`);
    renameSync(`${addon}.new`, addon);
  });
  stamp('engine', state);
}

/** Checks that rustc, cargo and a C compiler are there and new enough. */
async function checkToolchain() {
  const minimum = workspaceField('rust-version');
  if (findProgram('cargo') === null || findProgram('rustc') === null) {
    throw new StepFailure(
      'Rust toolchain',
      'cargo is not installed; the packet engine is built with it',
      process.env['SUDO_USER'] === undefined
        ? `${rustup}\n       then run this again`
        : `if ${process.env['SUDO_USER']} has it: npm run build without sudo, then this again; otherwise\n       ${rustup}`,
    );
  }
  if (findProgram('cc') === null) {
    throw new StepFailure(
      'C compiler',
      'the program cc is missing; the cryptography library is built with it',
      'Debian, Ubuntu: sudo apt-get install -y build-essential',
    );
  }
  const { output } = await run('rustc', ['--version'], { cwd: inRepository('engine') });
  const version = /^rustc (\d+\.\d+\.\d+)/m.exec(output)?.[1];
  if (version === undefined || !isAtLeast(version, minimum)) {
    throw new StepFailure(
      'Rust toolchain',
      version === undefined
        ? `rustc does not run: ${tail(output, 3)}`
        : `this is Rust ${version}; the engine needs ${minimum}`,
      findProgram('rustup') === null ? `${rustup}\n       then run this again` : 'rustup update stable',
    );
  }
}

/** @param {string} field of [workspace.package] */
function workspaceField(field) {
  const manifest = readFileSync(inRepository('engine', 'Cargo.toml'), 'utf8');
  return new RegExp(`^${field} = "(.*)"$`, 'm').exec(manifest)?.[1] ?? '0';
}
