import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { environment } from '../../scripts/bootstrap/program.mjs';
import { inRepository } from '../../scripts/bootstrap/repository.mjs';
import { callApi } from '../administration.mjs';
import { eventually, start } from '../daemon.mjs';
import { inside, mustRun, outer } from '../network.mjs';

const program = [process.execPath, inRepository('packages', 'cli', 'dist', 'bin.js')];
const traffic = fileURLToPath(new URL('./traffic.mjs', import.meta.url));

/** A server of its own folder, port and pool; several may share a database and a master key. */
export class Site {
  /**
   * @param {string} directory
   * @param {number} index 0–9
   * @param {{ url: string, keyFile: string } | null} shared
   * @param {'server' | 'other'} machine
   */
  constructor(directory, index, shared, machine = 'server') {
    mkdirSync(directory, { recursive: true });
    this.directory = directory;
    this.gateway = `10.8${index}.0.1`;
    this.socket = join(directory, 'run', 'admin.sock');
    const config = join(directory, 'server.toml');
    writeFileSync(
      config,
      [
        '[server]',
        `host = "${outer.server}"`,
        `listen = "[::]:${4430 + index}"`,
        `state_dir = "${join(directory, 'state')}"`,
        `runtime_dir = "${join(directory, 'run')}"`,
        '[tunnel]',
        `name = "bench${index}"`,
        '[pool]',
        `ipv4 = ["10.8${index}.0.0/16"]`,
        'ipv6 = []',
        '[network]',
        'host_access = true',
        '[api]',
        `listen = "127.0.0.1:${8080 + index}"`,
        ...(shared === null
          ? []
          : ['[store]', `url = "${shared.url}"`, '[pki]', `key_file = "${shared.keyFile}"`]),
        '',
      ].join('\n'),
      { mode: 0o600 },
    );
    this.process = start(machine, [...program, 'server', '--config', config]);
  }

  /** Settles when it answers. */
  async ready() {
    await eventually('server', async () => {
      const { status } = await this.call('GET', '/api/v1/status').catch((error) => {
        throw new Error(`${error}\n${this.process.output()}`);
      });
      if (status !== 200) throw new Error(String(status));
    });
  }

  /**
   * Makes a client; returns the path of its profile.
   * @param {string} name
   */
  async addClient(name) {
    const profile = join(this.directory, `${name}.toml`);
    await mustRun(program[0] ?? '', [
      ...program.slice(1),
      ...['admin', '--socket', this.socket, 'client', 'add', name, '--out', profile],
    ]);
    if (!readFileSync(profile, 'utf8').includes('[tunnel]')) {
      appendFileSync(profile, `\n[tunnel]\nroutes = ["10.8${this.gateway[4]}.0.0/16"]\n`);
    }
    return profile;
  }

  /**
   * One call of the API over the administration socket.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {import('node:http').Agent | false} [agent]
   * @returns {Promise<{ status: number, body: string }>}
   */
  call(method, path, body, agent = false) {
    return callApi(this.socket, method, path, body, agent);
  }

  stop() {
    return this.process.stop();
  }
}

/**
 * A client of a profile.
 * @param {string} profile
 * @param {string} directory
 */
export function connect(profile, directory) {
  return start('client', [
    ...[...program, 'connect', profile],
    ...['--state-dir', join(directory, 'client'), '--runtime-dir', join(directory, 'client-run')],
  ]);
}

/** One end of the traffic, and what it says of itself. */
export class Traffic {
  /** @param {'client' | 'server'} side @param {readonly string[]} args */
  constructor(side, args) {
    const command = [process.execPath, traffic, ...args];
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', 'ip', ...inside(side, command)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment(),
    });
    /** @type {((line: string) => void)[]} */
    this.waiting = [];
    createInterface({ input: this.child.stdout }).on('line', (line) => this.waiting.shift()?.(line));
  }

  /** @returns {Promise<{ got: number, lastAt: bigint }>} */
  async state() {
    /** @type {string} */
    const line = await new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin.write('\n');
    });
    const [got, lastAt] = /** @type {[number, string]} */ (JSON.parse(line));
    return { got, lastAt: BigInt(lastAt) };
  }

  stop() {
    this.child.kill('SIGKILL');
  }
}
