import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemOf, type ProblemCode } from './problem.js';

/** What Node's HTTP parser found wrong: a system error's code, or one of its own. */
interface ParserError {
  readonly code?: string;
}

/** Answers what is no HTTP, with problem details like everything else, and hangs up (RFC 9112 §2.2). */
export function answerUnreadable(error: ParserError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy(undefined);
    return;
  }
  const problem = problemOf({ code: codeOf(error), message: '' });
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function codeOf({ code }: ParserError): ProblemCode {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'API_HEADER_TOO_LARGE';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'API_REQUEST_TIMEOUT';
    default:
      return 'API_REQUEST_INVALID';
  }
}
