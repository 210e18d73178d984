export type Tone = 'good' | 'warn' | 'bad';

const dayMs = 86_400_000;

/** A certificate is renewed long before: with a week left something is wrong, with a day it is urgent. */
export function certificateTone(notAfterMs: number, nowMs: number): Tone {
  const left = notAfterMs - nowMs;
  if (left < dayMs) return 'bad';
  return left < 7 * dayMs ? 'warn' : 'good';
}

/** Of something that gets slow as it fills up. */
export function shareTone(share: number): Tone {
  if (share >= 0.95) return 'bad';
  return share >= 0.8 ? 'warn' : 'good';
}
