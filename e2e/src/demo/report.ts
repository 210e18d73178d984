import type { ContractName } from '../metrics/contract.js';
import type { PingResult } from '../traffic/ping.js';
import type { TcpResult, UdpResult } from '../traffic/transfer.js';

/** What the demo measured; printed as JSON with `--json`. */
export interface DemoReport {
  readonly ping4: PingResult;
  readonly ping6: PingResult;
  readonly tcpUp: TcpResult;
  readonly tcpDown: TcpResult;
  readonly udp: Pick<UdpResult, 'mbitPerSecond' | 'lossPercent'>;
  readonly metrics: {
    readonly before: Readonly<Record<ContractName, number>>;
    readonly after: Readonly<Record<ContractName, number>>;
  };
  /** Packets that the server dropped, by reason. */
  readonly drops: Readonly<Record<string, number>>;
}

/** What did not work, as sentences; empty when the demo shows a working tunnel. */
export function problems({ ping4, ping6, tcpUp, tcpDown, udp }: DemoReport): readonly string[] {
  const facts: readonly (readonly [boolean, string])[] = [
    [ping4.received > 0, 'no answer to ping over IPv4'],
    [ping6.received > 0, 'no answer to ping over IPv6'],
    [tcpUp.checksumOk, 'the data sent over TCP did not arrive as it was'],
    [tcpDown.checksumOk, 'the data received over TCP is not what was sent'],
    [udp.lossPercent < 100, 'no UDP datagram arrived'],
  ];
  return facts.flatMap(([holds, problem]) => (holds ? [] : [problem]));
}

/** One line of JSON; figures rounded to what they are worth. */
export function reportJson(report: DemoReport): string {
  return JSON.stringify(report, (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(3)) : value,
  );
}

/** The metrics that moved, before and after, as lines of a table. */
export function metricLines({ before, after }: DemoReport['metrics']): readonly string[] {
  const names = Object.keys(after) as readonly ContractName[];
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => {
    const moved = before[name] === after[name] ? ' ' : '→';
    return `  ${name.padEnd(width)}  ${figure(before[name]).padStart(14)} ${moved} ${figure(after[name]).padStart(14)}`;
  });
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 });
}
