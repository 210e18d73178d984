import type { NetworkNamespace } from '../network/namespace.js';

/** What `ping` saw. */
export interface PingResult {
  readonly sent: number;
  readonly received: number;
  /** Median round-trip time of the answers, milliseconds; null without an answer. */
  readonly rttMsMedian: number | null;
}

export interface PingOptions {
  readonly count?: number;
  /** Source address or interface. */
  readonly from?: string;
  /** Bytes of ICMP payload. */
  readonly payloadBytes?: number;
  /** Set "don't fragment" and do not fragment here either. */
  readonly dontFragment?: boolean;
  /** How long to wait for the last answer, seconds. */
  readonly patienceSeconds?: number;
}

/** Pings `address` from inside a namespace, ten times a second. */
export async function ping(
  namespace: NetworkNamespace,
  address: string,
  { count = 3, from, payloadBytes, dontFragment = false, patienceSeconds = 1 }: PingOptions = {},
): Promise<PingResult> {
  const { stdout } = await namespace.run({
    program: 'ping',
    args: [
      ...['-n', '-c', String(count), '-i', '0.1', '-W', String(patienceSeconds)],
      ...(from === undefined ? [] : ['-I', from]),
      ...(payloadBytes === undefined ? [] : ['-s', String(payloadBytes)]),
      ...(dontFragment ? ['-M', 'do'] : []),
      address,
    ],
  });
  return parsePing(stdout, count);
}

/** Reads the output of iputils' ping; a line with `DUP!` is no new answer. */
export function parsePing(output: string, count: number): PingResult {
  const times = [...output.matchAll(/^(?!.*DUP!).*time=([\d.]+) ms/gm)]
    .map(([, time]) => Number(time))
    .sort((a, b) => a - b);
  return { sent: count, received: times.length, rttMsMedian: times[Math.floor(times.length / 2)] ?? null };
}
