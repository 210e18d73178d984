import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run } from '../../scripts/bootstrap/program.mjs';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { eventually, start } from '../daemon.mjs';
import { inside, ip, mustRun, namespaces, outer } from '../network.mjs';
import { hostState, leftover } from './hostState.mjs';

const program = [process.execPath, inRepository('packages', 'cli', 'dist', 'bin.js')];
const transferEnd = fileURLToPath(new URL('../load/transferEnd.mjs', import.meta.url));
const link = { server: '198.51.100.1', other: '198.51.100.2' };
const mib = '4';
const pauseMs = 2_000;
const patienceMs = 120_000;
/** Every so often it is killed instead of ended; its next start has to remove what it left. */
const killedEvery = 4;

/** Joins the namespace `other` to the server's. */
export async function joinOther() {
  const ends = ['type', 'veth', 'peer', 'name', 'home', 'netns', namespaces.other];
  await ip('-n', namespaces.server, 'link', 'add', 'home', ...ends);
  for (const side of /** @type {const} */ (['server', 'other'])) {
    await ip('-n', namespaces[side], 'addr', 'add', `${link[side]}/24`, 'dev', 'home');
    await ip('-n', namespaces[side], 'link', 'set', 'home', 'up');
  }
  await ip('-n', namespaces.other, 'route', 'add', `${outer.server}/32`, 'via', link.server);
}

/** The real client in a namespace of its own: connects, moves checked bytes, ends or is killed, over and over. */
export class Commuter {
  /** @param {string} directory of the server @param {string} address inner, of the server @param {number} port of `transferEnd.mjs` */
  constructor(directory, address, port) {
    this.directory = directory;
    this.address = address;
    this.port = port;
    this.journeys = 0;
    this.killed = 0;
    this.intact = 0;
    this.corrupt = 0;
    /** @type {string[]} */
    this.errors = [];
    this.leaving = false;
    /** @type {readonly string[]} */
    this.leftBehind = [];
  }

  /** Until it is told to leave; then with an orderly end. */
  async run() {
    const profile = join(this.directory, 'commuter.toml');
    const socket = join(this.directory, 'run', 'admin.sock');
    const add = ['admin', '--socket', socket, 'client', 'add', 'commuter', '--out', profile];
    await mustRun(program[0] ?? '', [...program.slice(1), ...add]);
    appendFileSync(profile, `\n[tunnel]\nroutes = ["10.89.0.0/16"]\n`);
    const before = await hostState('other');
    while (!this.leaving) {
      await this.#journey(profile, this.journeys % killedEvery === killedEvery - 1);
      await after(pauseMs);
    }
    await this.#journey(profile, false);
    this.leftBehind = leftover(before, await hostState('other'));
  }

  /** @param {string} profile @param {boolean} kill */
  async #journey(profile, kill) {
    this.journeys += 1;
    const directories = ['--state-dir', join(this.directory, 'commuter')];
    directories.push('--runtime-dir', join(this.directory, 'commuter-run'));
    const client = start('other', [...program, 'connect', profile, ...directories]);
    try {
      await eventually(
        'commuter',
        () => mustRun('ip', inside('other', ['ping', '-n', '-c', '1', '-W', '1', this.address])),
        { withinMs: patienceMs },
      );
      for (const direction of ['send', 'fetch']) {
        const args = [process.execPath, transferEnd, direction, this.address, String(this.port), mib];
        const { output } = await run('ip', inside('other', args), {
          signal: AbortSignal.timeout(patienceMs),
        });
        if (output.trim() === 'intact') this.intact += 1;
        else this.corrupt += 1;
      }
    } catch (error) {
      this.errors.push(`${error}\n${client.output()}`);
    } finally {
      if (kill) {
        this.killed += 1;
        process.kill(client.pid, 'SIGKILL');
      }
      await client.stop();
    }
  }
}
