import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { says, start } from '../daemon.mjs';
import { manyFlows } from '../load/manyFlows.mjs';
import { ip, namespaces, outer } from '../network.mjs';
import { masqueVpn } from '../peers/masqueVpn.mjs';
import { makeIdentities } from '../sessions/identities.mjs';

const crowdProgram = fileURLToPath(new URL('../sessions/crowd.mjs', import.meta.url));
const firstTable = 1_000;
/** Of a TUN of the server, as it comes. */
const serverTun = 'masque0';
/**
 * The clients and the load stand for other machines. As equals, 50 worker threads leave the server's single one a fiftieth of the cores, and
 * the scheduler decides who gets on.
 */
const elsewhere = ['nice', '-n', '15'];
/** Machines differ in what their TCP does by default. */
const congestionControl = ['congctl', 'cubic'];

/** @typedef {{ readonly name: string, readonly address: string, readonly index: number }} Member */

/** A server of ours and groups of clients beside each other, each with a TUN and an address of its own. */
export class CrowdSite {
  /** @param {import('../peers/peer.mjs').Server} server @param {string} file */
  constructor(server, file) {
    this.server = server;
    this.file = file;
    /** @type {import('../daemon.mjs').Daemon[]} */
    this.groups = [];
  }

  /**
   * Works while a server runs that knows `count` clients.
   * @template T
   * @param {string} directory
   * @param {number} count
   * @param {(site: CrowdSite) => Promise<T>} work
   * @param {import('../peers/peer.mjs').Peer} [peer] one of ours
   */
  static async beside(directory, count, work, peer = masqueVpn) {
    const server = await peer.serve(directory);
    const file = join(directory, `crowd-${count}.json`);
    const site = new CrowdSite(server, file);
    try {
      if (!existsSync(file)) await makeIdentities(join(directory, 'run', 'admin.sock'), count, file);
      return await work(site);
    } finally {
      await site.close();
    }
  }

  /**
   * Brings clients up, in one process.
   * @param {number} first
   * @param {number} count
   * @param {string} [address] of the server, another than the usual
   * @returns {Promise<{ members: readonly Member[], process: import('../daemon.mjs').Daemon }>}
   */
  async bring(first, count, address = outer.server) {
    const command = [
      ...elsewhere,
      process.execPath,
      crowdProgram,
      outer.server,
      this.file,
      String(first),
      String(count),
      address,
    ];
    const group = start('client', command);
    this.groups.push(group);
    await says(group, /all are there/, 60_000);
    const members = [...group.output().matchAll(/^crowd(\d+) (\S+)$/gm)].map(
      ([, index = '', address = '']) => ({
        name: `crowd${index}`,
        address,
        index: Number(index),
      }),
    );
    for (const member of members) await this.#route(member);
    return { members, process: group };
  }

  /**
   * One TCP flow of each member, all at once; Mbit/s of each while all of them run.
   * @param {readonly Member[]} members
   * @param {'up' | 'down'} direction
   * @param {number} seconds
   * @param {number} [port] another for flows beside others
   */
  flows(members, direction, seconds, port) {
    const from = members.map(({ address }) => address);
    return manyFlows({
      ...{ serverAddress: this.server.address, from, direction, seconds, before: elsewhere },
      ...(port !== undefined && { port }),
    });
  }

  /** @param {Member} member */
  async #route({ name, address, index }) {
    const at = ['-n', namespaces.client];
    const table = String(firstTable + index);
    const own = ['src', address, 'table', table];
    await ip(...at, 'addr', 'add', `${address}/32`, 'dev', name);
    await ip(...at, 'link', 'set', name, 'up');
    await ip(...at, 'route', 'add', this.server.address, 'dev', name, ...own, ...congestionControl);
    const back = [`${address}/32`, 'dev', serverTun, 'src', this.server.address, ...congestionControl];
    await ip('-n', namespaces.server, 'route', 'replace', ...back);
    await ip(...at, 'rule', 'add', 'from', address, 'lookup', table, 'priority', table);
  }

  async close() {
    for (const group of this.groups) await group.stop();
    // Rules do not go with the interface.
    await ip('-n', namespaces.client, 'rule', 'flush');
    for (const [table, priority] of Object.entries({ main: '32766', default: '32767' }))
      await ip('-n', namespaces.client, 'rule', 'add', 'lookup', table, 'priority', priority);
    await this.server.daemon?.stop();
  }
}
