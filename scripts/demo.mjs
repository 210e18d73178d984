// npm run demo [-- --json] [--seconds N] [--keep]: a server, two clients and real traffic, touching nothing of this machine.
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runMain } from './bootstrap/failure.mjs';
import { inPrivateNetwork } from './bootstrap/privateNetwork.mjs';
import { become } from './bootstrap/program.mjs';
import { inRepository } from './bootstrap/repository.mjs';

await runMain(async () => {
  await bootstrap({ programs: ['nft', 'ip', 'ping', 'unshare', 'setpriv'], engine: true, packages: true });
  const { name, args, env } = await inPrivateNetwork(process.execPath, [
    inRepository('e2e', 'dist', 'demo', 'main.js'),
    ...process.argv.slice(2),
  ]);
  return become(name, args, env);
});
