// npm run build: everything that npm start needs, without starting it.
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runMain } from './bootstrap/failure.mjs';

await runMain(async () => {
  await bootstrap({ programs: ['nft', 'ip'], programsAre: 'wanted', engine: true, packages: true });
  return 0;
});
