import type { HttpAnswer, HttpRequest } from './calls.js';

/** Patience with a server, milliseconds. */
const withinMs = 10_000;

/** One request from where this agent runs; rejects when no answer comes. */
export async function request({ url, method, headers, body }: HttpRequest): Promise<HttpAnswer> {
  const response = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(withinMs) });
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.replace(/;.*/, ''));
  return { status: response.status, body: await response.text(), cookies };
}
