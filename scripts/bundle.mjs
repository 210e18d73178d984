// node scripts/bundle.mjs: the bundled command of the packages as they are compiled; `npm run build` does it as well.
import { bundleCommand } from './bootstrap/commandBundle.mjs';
import { runMain } from './bootstrap/failure.mjs';

await runMain(async () => {
  await bundleCommand();
  return 0;
});
