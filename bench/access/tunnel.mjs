import { fileURLToPath } from 'node:url';
import { eventually, start } from '../daemon.mjs';
import { iperf } from '../load/iperf.mjs';
import { ip } from '../network.mjs';
import { answers } from '../peers/peer.mjs';
import { makeIdentity } from './identity.mjs';

const end = fileURLToPath(new URL('./end.mjs', import.meta.url));
const inner = { server: '10.89.0.1', client: '10.89.0.2' };

/** A tunnel of the engine alone whose server judges flows by 1,000 rules, and does not, in turn. */
export class AccessTunnel {
  /** @param {import('../daemon.mjs').Daemon} server @param {import('../daemon.mjs').Daemon} client */
  constructor(server, client) {
    this.server = server;
    this.client = client;
    this.turns = 0;
  }

  /** @param {string} directory for certificates */
  static async open(directory) {
    await makeIdentity(directory);
    const server = start('server', [process.execPath, end, 'server', directory]);
    const client = start('client', [process.execPath, end, 'client', directory]);
    for (const side of /** @type {const} */ (['server', 'client'])) {
      await eventually(`${side}'s TUN`, () => ip('-n', `bench-${side}`, 'link', 'show', 'bench0'));
      await ip('-n', `bench-${side}`, 'addr', 'add', `${inner[side]}/24`, 'dev', 'bench0');
      await ip('-n', `bench-${side}`, 'link', 'set', 'bench0', 'up');
    }
    await answers(inner.server, () => server.output() + client.output());
    return new AccessTunnel(server, client);
  }

  /**
   * One TCP flow; not judged at first.
   * @param {readonly string[]} args of iperf3
   * @param {number} seconds
   */
  flow(args, seconds) {
    return iperf({ serverAddress: inner.server, pids: [this.server.pid] }, { args, seconds });
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
    await Promise.all([this.client.stop(), this.server.stop()]);
  }
}
