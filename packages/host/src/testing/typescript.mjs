// node --import …/typescript.mjs FILE.ts: runs TypeScript sources in a process of their own, such as one in another
// network namespace, on every Node.js this project supports.
import { register } from 'node:module';

register('./typescriptHooks.mjs', import.meta.url);
