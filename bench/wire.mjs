import { existsSync } from 'node:fs';
import { StepFailure } from '../scripts/bootstrap/failure.mjs';
import { run, tail } from '../scripts/bootstrap/program.mjs';
import { inRepository } from '../scripts/bootstrap/repository.mjs';
import { filesBelow, fingerprint, isStamped, stamp } from '../scripts/bootstrap/stamp.mjs';
import { says, start } from './daemon.mjs';
import { ip, namespaces, outer, tunnelEnds } from './network.mjs';

const target = inRepository('.cache', 'bench', 'wire');
const program = inRepository('.cache', 'bench', 'wire', 'release', 'wire');
const device = 'wire0';
const sides = /** @type {const} */ (['client', 'server']);

/** @param {import('../scripts/bootstrap/progress.mjs').Progress} progress */
export async function buildWire(progress) {
  const state = fingerprint(filesBelow('bench/wire'));
  if (existsSync(program) && isStamped('bench-wire', state)) return;
  const { code, output } = await progress.step('the emulated wire', (say) =>
    run('cargo', ['build', '--release', '--locked'], {
      cwd: inRepository('bench', 'wire'),
      env: { CARGO_TARGET_DIR: target },
      onLine: say,
    }),
  );
  if (code !== 0) throw new StepFailure('Emulated wire', tail(output, 5), 'see docs/development.md');
  stamp('bench-wire', state);
}

/** An emulated wire between two ends. */
export class Wire {
  /** @param {import('./daemon.mjs').Daemon} daemon @param {import('./network.mjs').Ends} ends */
  constructor(daemon, ends) {
    this.daemon = daemon;
    this.ends = ends;
  }

  /**
   * Between the ends of a tunnel it takes the place and the addresses of the veth pair until it is closed.
   * @param {readonly string[]} args see bench/wire/src/options.rs; loss is from client to server
   * @param {import('./network.mjs').Ends} [ends]
   */
  static async open(args, ends = tunnelEnds) {
    const names = [namespaces[ends.client], namespaces[ends.server]];
    // Late packets would be the wire's fault.
    const daemon = start('other', ['nice', '-n', '-15', program, ...names, '--device', device, ...args]);
    await says(daemon, /ready/, 5_000);
    const wire = new Wire(daemon, ends);
    try {
      for (const side of sides) await wire.#join(side);
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return wire;
  }

  /** @param {typeof sides[number]} side */
  async #join(side) {
    const at = ['-n', namespaces[this.ends[side]]];
    if (this.ends === tunnelEnds) {
      await ip(...at, 'link', 'set', 'wire', 'down');
      await ip(...at, 'addr', 'flush', 'dev', 'wire');
    }
    await ip(...at, 'addr', 'add', `${outer[side]}/24`, 'dev', device);
    await ip(...at, 'link', 'set', device, 'mtu', '1500', 'txqueuelen', '10000', 'up');
    // Else TCP begins with what it learnt of the same addresses on an earlier wire.
    await ip(...at, 'tcp_metrics', 'flush', 'all');
  }

  async close() {
    await this.daemon.stop();
    if (this.ends !== tunnelEnds) return;
    for (const side of sides) {
      const at = ['-n', namespaces[side]];
      await ip(...at, 'addr', 'replace', `${outer[side]}/24`, 'dev', 'wire');
      await ip(...at, 'link', 'set', 'wire', 'up');
    }
  }

  /** How late packets were at worst because the machine was busy, milliseconds; known once it is closed. */
  lateMs() {
    const late = [...this.daemon.output().matchAll(/"lateMsMax":([\d.]+)/g)].map(([, ms]) => Number(ms));
    return Math.max(0, ...late);
  }
}
