import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { environment } from '../../scripts/bootstrap/program.mjs';
import { inside } from '../network.mjs';

/** A stream that was silent for this long has ended, milliseconds. */
const silenceMs = 300;

/** The receiving end, on the server. */
export class Receiver {
  #child;
  #lines;
  #ready;

  /** @param {string} script @param {number} port */
  constructor(script, port) {
    const command = [process.execPath, script, 'receive', String(port)];
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', 'ip', ...inside('server', command)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment(),
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ready = this.#lines.next();
  }

  /** When the last datagram came, and how many did. */
  async look() {
    await this.#ready;
    this.#child.stdin.write('\n');
    const { last, count } = JSON.parse((await this.#lines.next()).value);
    return { last: BigInt(last), count: Number(count) };
  }

  /** Resolves when the stream moves. */
  async moving() {
    const before = (await this.look()).count;
    while ((await this.look()).count === before) await after(1);
  }

  /** Resolves when the stream has ended. */
  async silent() {
    for (;;) {
      const seen = await this.look();
      if (milliseconds(process.hrtime.bigint() - seen.last) > silenceMs) return seen;
      await after(20);
    }
  }

  stop() {
    this.#child.kill();
  }
}

/** @param {bigint} nanoseconds */
export function milliseconds(nanoseconds) {
  return Number(nanoseconds) / 1e6;
}
