import { describeEngineContract } from './contract/index.js';
import type { EngineOptions } from './engine.js';
import { openEngine } from './real.js';

// Fails, never skips, when the addon is not built: who has no Rust toolchain runs the other projects.
function describeNative(name: string, how: Omit<EngineOptions, 'onEvents'>): void {
  describeEngineContract(name, () => ({
    open: (options) => {
      const engine = openEngine({ ...options, ...how });
      if (!engine.ok) throw new Error(`${engine.error.code}: ${engine.error.message}`);
      return engine.value;
    },
  }));
}

describeNative('the native engine', {});
describeNative('the native engine with two workers', { workers: 2 });
// Then two of three datagrams arrive at a worker that they do not belong to.
describeNative('the native engine with three workers and no steering', {
  workers: 3,
  without: ['udpSteering'],
});
