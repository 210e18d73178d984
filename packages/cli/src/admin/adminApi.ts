import { request } from 'node:http';
import { z } from 'zod';
import { ProblemModel } from '@masque-vpn/server/models';
import { commandFailed, type CommandResult } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a call says besides its path. */
export interface CallOptions {
  /** Values that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Version of what is changed: refused with API_VERSION_CONFLICT when it is another by now. */
  readonly version?: number;
}

/** Items of one page. */
const pageItems = 500;

/** `/api/v1/…` with these parts, each escaped. */
export function apiPath(...parts: readonly string[]): string {
  return `/api/v1/${parts.map((part) => encodeURIComponent(part)).join('/')}`;
}

/** Time for the server to answer one request, milliseconds. */
const patienceMs = 30_000;

/** Longest answer that is read, bytes. */
const longestAnswer = 64 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The server's API over its administration socket. */
export class AdminApi {
  constructor(private readonly socketPath: string) {}

  /**
   * One call. Fails with ADMIN_SERVER_NOT_RUNNING, ADMIN_PERMISSION_DENIED, ADMIN_NO_ANSWER, ADMIN_RESPONSE_INVALID,
   * or with the code of the problem details (RFC 9457) that the server answers.
   */
  async call<T>(
    method: Method,
    path: string,
    answer: z.ZodType<T>,
    options: CallOptions = {},
  ): Promise<CommandResult<T>> {
    const received = await this.#send(method, path, options);
    if (!received.ok) return received;
    const content = json(received.value.body);
    if (received.value.status >= 400) return refused(content, received.value.status);
    const parsed = answer.safeParse(content);
    if (parsed.success) return { ok: true, value: parsed.data };
    return commandFailed(
      'ADMIN_RESPONSE_INVALID',
      `The server’s answer to ${method} ${path} is not understood. Are server and command of the same version?`,
    );
  }

  /** Items of a list in its order, page after page, up to `most`. Fails as {@link call}. */
  async list<T>(
    path: string,
    item: z.ZodType<T>,
    query: CallOptions['query'] = {},
    most = Number.POSITIVE_INFINITY,
  ): Promise<CommandResult<T[]>> {
    const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
    const items: T[] = [];
    for (let cursor: string | null | undefined; items.length < most && cursor !== null;) {
      const limit = Math.min(pageItems, most - items.length);
      const received = await this.call('GET', path, page, { query: { ...query, limit, cursor } });
      if (!received.ok) return received;
      items.push(...received.value.items);
      cursor = received.value.nextCursor;
    }
    return { ok: true, value: items };
  }

  async #send(
    method: Method,
    path: string,
    { query = {}, body, version }: CallOptions,
  ): Promise<CommandResult<Answer>> {
    return new Promise((resolve) => {
      const text = body === undefined ? null : JSON.stringify(body);
      const call = request(
        {
          socketPath: this.socketPath,
          method,
          path: `${path}${queryText(query)}`,
          headers: {
            host: 'localhost',
            accept: 'application/json',
            ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
            ...(text === null
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          },
          timeout: patienceMs,
        },
        (response) => {
          const chunks: Buffer[] = [];
          let length = 0;
          response.on('data', (chunk: Buffer) => {
            length += chunk.length;
            if (length > longestAnswer) response.destroy(new Error('the answer is too long'));
            else chunks.push(chunk);
          });
          response.on('end', () => {
            resolve({
              ok: true,
              value: { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') },
            });
          });
          response.on('error', (error) => resolve(this.#unreachable(error)));
        },
      );
      call.on('timeout', () => call.destroy(new Error(`no answer within ${patienceMs / 1000} seconds`)));
      call.on('error', (error) => resolve(this.#unreachable(error)));
      call.end(text ?? undefined);
    });
  }

  #unreachable(error: Error): CommandResult<never> {
    const code = 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') {
      return commandFailed(
        'ADMIN_SERVER_NOT_RUNNING',
        `No server answers at ${this.socketPath}. Start it with "masque-vpn server", or name its socket with --socket.`,
        exitCodes.notRunning,
      );
    }
    if (code === 'EACCES' || code === 'EPERM') {
      return commandFailed(
        'ADMIN_PERMISSION_DENIED',
        `${this.socketPath} is for the user who runs the server only. Try again with sudo.`,
        exitCodes.permission,
      );
    }
    return commandFailed(
      'ADMIN_NO_ANSWER',
      `The server at ${this.socketPath} does not answer: ${error.message}.`,
    );
  }
}

function queryText(query: NonNullable<CallOptions['query']>): string {
  const entries = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`;
}

function refused(content: unknown, status: number): CommandResult<never> {
  const problem = ProblemModel.safeParse(content).data;
  if (problem === undefined) {
    return commandFailed(
      'ADMIN_RESPONSE_INVALID',
      `The server answered with HTTP status ${status} and no explanation.`,
    );
  }
  const message = problem.detail === '' ? problem.title : problem.detail;
  return { ok: false, error: { code: problem.code, message, exit: exitCodes.refused } };
}

function json(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}
