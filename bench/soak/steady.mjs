import { run } from '../../scripts/bootstrap/program.mjs';
import { eventually, start } from '../daemon.mjs';
import { inside, mustRun } from '../network.mjs';

const port = '5210';
const patienceMs = 30_000;

/** The real client that never leaves, with TCP both ways in pieces of so many seconds. */
export class Steady {
  /** @param {string} address inner, of the server @param {number} seconds of a piece @param {number | null} rate Mbit/s each way; null: all there is */
  constructor(address, seconds, rate) {
    this.address = address;
    this.seconds = seconds;
    this.rate = rate;
    this.leaving = false;
    /** @type {{ upBytes: number, downBytes: number, upMbit: number, downMbit: number, endedAt: number }[]} */
    this.pieces = [];
    /** @type {string[]} */
    this.errors = [];
  }

  async run() {
    const server = start('server', ['iperf3', '-s', '-B', this.address, '-p', port]);
    const limit = this.rate === null ? [] : ['-b', `${this.rate}M`];
    const args = ['-c', this.address, '-p', port, '-t', String(this.seconds), '--bidir', '-J', ...limit];
    try {
      while (!this.leaving) {
        // Between two loads iperf3 closes its socket for a moment.
        await this.#listening(server);
        const { output } = await run(
          'ip',
          inside('client', ['iperf3', '--connect-timeout', '5000', ...args]),
          {
            signal: AbortSignal.timeout(this.seconds * 1_000 + patienceMs),
          },
        );
        this.#take(output);
      }
    } finally {
      await server.stop();
    }
  }

  /** @param {import('../daemon.mjs').Daemon} server */
  #listening(server) {
    return eventually('iperf3 server', async () => {
      const sockets = await mustRun('ip', inside('server', ['ss', '-Hltn']));
      if (!sockets.includes(`${this.address}:${port} `)) throw new Error(server.output());
    });
  }

  /** @param {string} output */
  #take(output) {
    try {
      const { end, error } = JSON.parse(output.slice(output.indexOf('{')));
      if (error !== undefined) throw new Error(error);
      const [up, down] = [end.sum_received, end.sum_received_bidir_reverse];
      if (!(up.bytes > 0 && down.bytes > 0)) throw new Error(`${up.bytes} bytes up, ${down.bytes} down`);
      this.pieces.push({
        upBytes: up.bytes,
        downBytes: down.bytes,
        upMbit: up.bits_per_second / 1e6,
        downMbit: down.bits_per_second / 1e6,
        endedAt: performance.now(),
      });
    } catch (error) {
      this.errors.push(`iperf3: ${error}: ${output.slice(0, 300)}`);
    }
  }
}
