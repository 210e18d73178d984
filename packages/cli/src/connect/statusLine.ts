import type { ClientStatus } from '@masque-vpn/client/status';
import { bitRate, duration } from '../output/units.js';

/** A client's status at one moment. */
export interface Reading {
  readonly status: ClientStatus;
  readonly atMs: number;
}

/** Width of the widest rate: the line must not jump from second to second. */
const rateWidth = '99.9 Mbit/s'.length;

/** The status on one line of at most `width` characters; rates are those since `before`. */
export function statusLine(now: Reading, before: Reading | null, width: number): string {
  const { status, atMs } = now;
  const since = duration(atMs - status.sinceMs);
  const parts = [status.client, stateText(status, since)];
  if (status.state === 'up') {
    const rates = ratesBetween(before, now);
    parts.push(`↓ ${rates.down.padStart(rateWidth)}  ↑ ${rates.up.padStart(rateWidth)}`);
    if (status.rttMs !== null) parts.push(`${status.rttMs.toFixed(status.rttMs < 10 ? 1 : 0)} ms`);
    parts.push(status.addresses.map((prefix) => prefix.replace(/\/(?:32|128)$/, '')).join(' '));
  } else if (status.lastError !== null) {
    parts.push(status.lastError.code);
  }
  return cut(parts.filter((part) => part !== '').join('  '), width);
}

function stateText({ state, attempts }: ClientStatus, since: string): string {
  switch (state) {
    case 'up':
      return `up ${since}`;
    case 'connecting':
      return `connecting ${since}`;
    case 'waiting':
      return `waiting after ${attempts} failed ${attempts === 1 ? 'attempt' : 'attempts'}`;
    case 'stopping':
      return 'ending';
  }
}

function ratesBetween(before: Reading | null, now: Reading): { readonly up: string; readonly down: string } {
  const seconds = before === null ? 0 : (now.atMs - before.atMs) / 1000;
  if (before === null || seconds <= 0) return { up: bitRate(0), down: bitRate(0) };
  const rate = (key: 'bytesUp' | 'bytesDown'): string =>
    bitRate((Math.max(0, now.status[key] - before.status[key]) * 8) / seconds);
  return { up: rate('bytesUp'), down: rate('bytesDown') };
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
