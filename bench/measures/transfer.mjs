import { fileURLToPath } from 'node:url';
import { run } from '../../scripts/bootstrap/program.mjs';
import { says, start } from '../daemon.mjs';
import { inside } from '../network.mjs';

const end = fileURLToPath(new URL('../load/transferEnd.mjs', import.meta.url));
const port = '5203';
const patienceMs = 60_000;

/**
 * Random bytes in both directions whose SHA-256 is the same at both ends; no figure, only counts.
 * @type {import('./measure.mjs').Measure}
 */
export const transfer = {
  name: 'transfer',
  quick: true,
  kind: 'tunnel',
  figures: {},
  run: async ({ serverAddress }, { effort, count }) => {
    const server = start('server', [process.execPath, end, 'serve', serverAddress, port]);
    try {
      await says(server, /ready/, 10_000);
      for (const direction of ['send', 'fetch']) {
        const args = [end, direction, serverAddress, port, String(effort.megabytes)];
        const { output } = await run('ip', inside('client', [process.execPath, ...args]), {
          signal: AbortSignal.timeout(patienceMs),
        });
        count(output.trim() === 'intact' ? 'intactTransfers' : 'corruptTransfers', 1);
      }
    } finally {
      await server.stop();
    }
    return {};
  },
};
