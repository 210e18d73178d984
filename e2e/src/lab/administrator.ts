import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HttpAnswer } from '../agent/calls.js';
import { eventually } from '../process/eventually.js';
import type { ApiMethod, VpnServer } from './vpnServer.js';

/** What follows `#` in a set-up link. */
export type SetUpSecret = string;

/** A person who administers a server over HTTP, with a browser's cookie, from the server's own machine. */
export class Administrator {
  private constructor(
    private readonly server: VpnServer,
    private readonly cookie: string,
  ) {}

  /** Becomes an owner by a set-up link. Throws with the server's answer when that does not let anybody in. */
  static async setUp(server: VpnServer, name: string, secret: SetUpSecret): Promise<Administrator> {
    const body = { secret, name, password: `correct horse battery staple of ${name}` };
    const answer = await send(server, 'POST', '/api/v1/setup', body);
    const [cookie] = answer.cookies;
    if (answer.status > 299 || cookie === undefined) throw new Error(`${answer.status} ${answer.body}`);
    return new Administrator(server, cookie);
  }

  /** The answer's content; anything but success is an error with status and body. */
  async api(method: ApiMethod, path: string, body?: unknown): Promise<unknown> {
    const answer = await send(this.server, method, path, body, { cookie: this.cookie });
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body === '' ? null : JSON.parse(answer.body);
  }
}

/** The secret that a server leaves for its first owner: it has no terminal, so that it is in a file. */
export async function firstOwnerSecret(server: VpnServer): Promise<SetUpSecret> {
  return eventually('the set-up link', async () => {
    const text = await readFile(join(server.stateDirectory, 'set-up-link'), 'utf8');
    return /#(\S+)/.exec(text)?.[1];
  });
}

async function send(
  server: VpnServer,
  method: ApiMethod,
  path: string,
  body: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const content = body === undefined ? {} : { 'content-type': 'application/json' };
  return server.machine.agent.call('request', {
    url: `http://localhost:8080${path}`,
    method,
    headers: { ...content, 'x-csrf-protection': '1', ...more },
    body: body === undefined ? null : JSON.stringify(body),
  });
}
