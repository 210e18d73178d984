import { request } from 'node:http';
import type { z } from 'zod';
import { ProblemModel } from '@masque-vpn/server/models';
import { commandFailed, type CommandResult } from '../commandResult.js';
import { exitCodes } from '../exitCode.js';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

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
    body?: unknown,
  ): Promise<CommandResult<T>> {
    const received = await this.#send(method, path, body);
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

  async #send(method: Method, path: string, body: unknown): Promise<CommandResult<Answer>> {
    return new Promise((resolve) => {
      const text = body === undefined ? null : JSON.stringify(body);
      const call = request(
        {
          socketPath: this.socketPath,
          method,
          path,
          headers: {
            host: 'localhost',
            accept: 'application/json',
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
