// npm start [-- ARGUMENTS]: prepares this checkout and runs `masque-vpn server ARGUMENTS`.
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runMain } from './bootstrap/failure.mjs';
import { become } from './bootstrap/program.mjs';
import { inRepository } from './bootstrap/repository.mjs';

await runMain(async () => {
  await bootstrap({ programs: ['nft', 'ip'], programsAre: 'wanted', engine: true, packages: true });
  return become(process.execPath, [
    inRepository('packages/cli/bin/masque-vpn.js'),
    'server',
    ...process.argv.slice(2),
  ]);
});
