import { fileURLToPath } from 'node:url';
import { eventually, says, start } from '../daemon.mjs';
import { iperf } from '../load/iperf.mjs';
import { ip } from '../network.mjs';
import { answers } from '../peers/peer.mjs';
import { makeIdentity } from './identity.mjs';

const end = fileURLToPath(new URL('./end.mjs', import.meta.url));
const patienceMsPerSession = 20;
const patienceMs = 60_000;

/** A tunnel of the engine alone whose server judges flows by 1,000 rules, and does not, in turn. */
export class AccessTunnel {
  /**
   * @param {string} address inner, of the server
   * @param {import('../daemon.mjs').Daemon} server
   * @param {import('../daemon.mjs').Daemon} client
   */
  constructor(address, server, client) {
    this.address = address;
    this.server = server;
    this.client = client;
    /** @type {import('../daemon.mjs').Daemon | null} */
    this.crowd = null;
    this.turns = 0;
  }

  /**
   * @param {string} directory for certificates
   * @param {number} [index] of tunnels beside each other, each has its own
   */
  static async open(directory, index = 0) {
    await makeIdentity(directory);
    const inner = { server: `10.89.${index}.1`, client: `10.89.${index}.2` };
    const tun = `bench${index}`;
    const server = start('server', [process.execPath, end, 'server', directory, String(index)]);
    const client = start('client', [process.execPath, end, 'client', directory, String(index)]);
    for (const side of /** @type {const} */ (['server', 'client'])) {
      await eventually(`${side}'s TUN`, () => ip('-n', `bench-${side}`, 'link', 'show', tun));
      await ip('-n', `bench-${side}`, 'addr', 'add', `${inner[side]}/24`, 'dev', tun);
      await ip('-n', `bench-${side}`, 'link', 'set', tun, 'up');
    }
    await answers(inner.server, () => server.output() + client.output());
    return new AccessTunnel(inner.server, server, client);
  }

  /**
   * Puts idle sessions into the server's table; they keep alive as our clients do.
   * @param {string} directory
   * @param {number} index of this tunnel
   * @param {number} count
   */
  async fill(directory, index, count) {
    const command = [process.execPath, end, 'crowd', directory, String(index), String(count)];
    this.crowd = start('client', command);
    await says(this.crowd, /all are there/, patienceMs + count * patienceMsPerSession);
  }

  /**
   * One TCP flow; not judged at first.
   * @param {readonly string[]} args of iperf3
   * @param {number} seconds
   */
  flow(args, seconds) {
    return iperf({ serverAddress: this.address, pids: [this.server.pid] }, { args, seconds });
  }

  /** Begins to judge, or ends it. */
  async turn() {
    this.turns += 1;
    process.kill(this.server.pid, 'SIGUSR2');
    const word = this.turns % 2 === 1 ? '1,000 rules' : 'not judged';
    const times = Math.ceil(this.turns / 2) + (this.turns % 2 === 1 ? 0 : 1);
    await eventually(word, async () => {
      if (this.server.output().split(word).length <= times) throw new Error(this.server.output());
    });
  }

  async close() {
    await Promise.all([this.crowd?.stop(), this.client.stop(), this.server.stop()]);
  }
}
