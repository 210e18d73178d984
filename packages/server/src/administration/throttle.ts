import { isIPv6 } from 'node:net';
import type { LoginFailureRepository, LoginFailures } from '../store/loginFailures.js';
import { sha256Of } from './secret.js';

/** How failures under one key are answered. */
export interface ThrottlePolicy {
  /** Failures without consequence. */
  readonly free: number;
  /** The lock after the next one, doubled with each further one. Milliseconds. */
  readonly firstLockMs: number;
  readonly longestLockMs: number;
}

/** An account: an attacker must not keep its owner out for long. */
export const accountPolicy: ThrottlePolicy = { free: 5, firstLockMs: 10_000, longestLockMs: 15 * 60_000 };

/** An address: may be shared by many people. */
export const addressPolicy: ThrottlePolicy = { free: 20, firstLockMs: 30_000, longestLockMs: 60 * 60_000 };

/** Failures older than this are forgiven. */
const forgetMs = 24 * 60 * 60_000;

/** Keys that are remembered; the newest win. */
const mostKeys = 10_000;

/** Key of an account, whether it exists or not: what people type into the wrong field is not stored in clear. */
export function accountKey(name: string): string {
  return `account:${sha256Of(name)}`;
}

/** Key of what an administrator who is signed in confirms with password or code: nobody else's guesses count. */
export function confirmationKey(administratorUuid: string): string {
  return `confirmation:${administratorUuid}`;
}

/** Key of an address; of IPv6 the network, as its owner has all of its addresses. */
export function addressKey(address: string): string {
  return `address:${networkOf(address)}`;
}

/** Milliseconds until the key is tried again; 0 when it may be now. */
export async function lockedFor(
  failures: Pick<LoginFailureRepository, 'find'>,
  key: string,
  now: number,
): Promise<number> {
  const found = await failures.find(key);
  return found === null ? 0 : Math.max(0, found.lockedUntil - now);
}

/** Counts a failure; returns for how long the key is locked by it, milliseconds. */
export async function countFailure(
  failures: Pick<LoginFailureRepository, 'find' | 'put' | 'prune'>,
  key: string,
  policy: ThrottlePolicy,
  now: number,
): Promise<number> {
  const before = await failures.find(key);
  const next = afterFailure(before, policy, now);
  await failures.put(key, next);
  if (before === null) await failures.prune(now, now - forgetMs, mostKeys);
  return Math.max(0, next.lockedUntil - now);
}

/** What is remembered after one more failure. */
export function afterFailure(
  before: LoginFailures | null,
  policy: ThrottlePolicy,
  now: number,
): LoginFailures {
  const forgiven = before === null || before.lastAt < now - forgetMs;
  const count = forgiven ? 1 : before.failures + 1;
  const beyond = count - policy.free;
  const lockMs =
    beyond <= 0 ? 0 : Math.min(policy.longestLockMs, policy.firstLockMs * 2 ** Math.min(beyond - 1, 30));
  return { failures: count, lastAt: now, lockedUntil: now + lockMs };
}

function networkOf(address: string): string {
  const [bare = ''] = address.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined || !isIPv6(bare)) return mapped ?? bare;
  const [head = '', tail] = bare.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
