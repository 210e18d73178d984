// npm run docs:pictures: pictures of every page of the web UI in docs/images, from a real server.
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runMain } from './bootstrap/failure.mjs';
import { inPrivateNetwork } from './bootstrap/privateNetwork.mjs';
import { run } from './bootstrap/program.mjs';
import { inRepository } from './bootstrap/repository.mjs';
import { areas } from './test/areas.mjs';

await runMain(async () => {
  await bootstrap(/** @type {import('./test/areas.mjs').Area} */ (areas['browser']).needs);
  const { name, args, env } = await inPrivateNetwork(process.execPath, [
    inRepository('node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--project', 'browser', 'e2e/src/browser/tour.test.ts'],
  ]);
  const folder = inRepository('docs', 'images');
  const { code } = await run(name, args, {
    env: { ...env, MASQUE_VPN_PICTURES: folder },
    onLine: (line) => console.log(line),
  });
  return code ?? 1;
});
