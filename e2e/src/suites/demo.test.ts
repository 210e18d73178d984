import { describe, expect, it } from 'vitest';
import { contractNames } from '../metrics/contract.js';
import { run } from '../process/run.js';
import { inRepository } from '../repository.js';

const aNumber: unknown = expect.any(Number);

describe('npm run demo -- --json', () => {
  it('ends with one line of JSON that shows a working tunnel', async () => {
    const demo = [
      process.execPath,
      inRepository('e2e', 'dist', 'demo', 'main.js'),
      '--json',
      '--seconds',
      '1',
    ];
    // Namespaces of its own, as the demo's names are fixed; one for users, too, as it needs no root.
    const { code, stdout, stderr } = await run(
      { program: 'unshare', args: ['--user', '--map-root-user', '--net', '--mount', ...demo] },
      { withinMs: 80_000 },
    );
    expect(code, stderr).toBe(0);
    const report: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    const transfer = { mbitPerSecond: aNumber, bytes: aNumber, checksumOk: true };
    const answered = { sent: 20, received: 20, rttMsMedian: aNumber };
    const all19 = Object.fromEntries(contractNames.map((name) => [name, aNumber]));
    expect(report).toEqual({
      ping4: answered,
      ping6: answered,
      tcpUp: transfer,
      tcpDown: transfer,
      udp: { mbitPerSecond: aNumber, lossPercent: aNumber },
      metrics: { before: all19, after: all19 },
      drops: {
        invalid: aNumber,
        oversized: aNumber,
        processing_error: aNumber,
      },
    });
    const { metrics } = report as { metrics: Record<'before' | 'after', Record<string, number>> };
    // Errors are the one thing that a healthy demo has none of; the pool's size and the TUN stay as they are.
    const still = ['ip_pool_total', 'ip_pool_available', 'tun_interface_status', 'errors_total'];
    for (const name of contractNames.filter((name) => !still.includes(name.replace('masque_vpn_', '')))) {
      expect(metrics.after[name], name).toBeGreaterThan(metrics.before[name] ?? Number.NaN);
    }
  });
});
