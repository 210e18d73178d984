import { run } from '../../scripts/bootstrap/program.mjs';
import { inside } from '../network.mjs';
import { quantile } from '../report/statistics.mjs';

/**
 * Round-trip times through a tunnel, a ping every 10 ms.
 * @param {string} address
 * @param {number} count
 * @returns {Promise<{ p50: number | null, p99: number | null, lost: number }>} milliseconds; null when none came back
 */
export async function ping(address, count) {
  const { output } = await run(
    'ip',
    inside('client', ['ping', '-n', '-i', '0.01', '-c', String(count), '-W', '2', address]),
    { signal: AbortSignal.timeout(count * 10 + 20_000) },
  );
  const times = [...output.matchAll(/time=([\d.]+)/g)].map((match) => Number(match[1]));
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), lost: count - times.length };
}
