import { describeEngineContract } from './contract/index.js';
import { openEngine } from './real.js';

// Fails, never skips, when the addon is not built: who has no Rust toolchain runs the other projects.
describeEngineContract('the native engine', () => ({
  open: (options) => {
    const engine = openEngine(options);
    if (!engine.ok) throw new Error(`${engine.error.code}: ${engine.error.message}`);
    return engine.value;
  },
}));
