import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg, release, totalmem } from 'node:os';

/** What the figures were taken on. */
export function describeMachine() {
  const model = /^model name\s*: (.*)$/m.exec(read('/proc/cpuinfo'))?.[1] ?? 'unknown processor';
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(read('/etc/os-release'))?.[1] ?? 'Linux';
  return {
    processor: model,
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    system,
    // What a distributor appends names the machine’s host.
    kernel: release().split('-')[0],
    node: process.version,
    tcpCongestionControl: read('/proc/sys/net/ipv4/tcp_congestion_control').trim(),
  };
}

/** The machine's load of the last minute, processes that wanted to run. */
export const loadOfLastMinute = () => loadavg()[0] ?? 0;

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
