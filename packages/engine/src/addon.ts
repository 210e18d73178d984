import { createRequire } from 'node:module';
import type { EngineResult } from './engine.js';
import type { NativeModule } from './native.js';
import { connectionColumns, sessionColumns, totalColumns } from './snapshot.js';

/** This package's own name for it, because the bundled command has this module at another place. */
const built = '@masque-vpn/engine/native';

const howToBuild = 'build it with "npm run build" (needs the Rust toolchain)';

/**
 * The addon's path or module name: `MASQUE_VPN_ENGINE`, else what the build put into this package.
 * Prebuilt per-platform packages will be looked up here, and nowhere else.
 */
export function addonPath(environment: Readonly<Record<string, string | undefined>>): string {
  const override = environment['MASQUE_VPN_ENGINE'] ?? '';
  return override === '' ? built : override;
}

/** Loads the addon; fails with ENGINE_MISSING if it is not there, cannot be loaded or is of another version. */
export function loadAddon(path: string): EngineResult<NativeModule> {
  let native: NativeModule;
  try {
    native = createRequire(import.meta.url)(path) as NativeModule;
  } catch (error) {
    const cause = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return missing(`the native engine cannot be loaded; ${howToBuild}: ${cause}`);
  }
  return sameLayout(native)
    ? { ok: true, value: native }
    : missing(`the native engine ${path} belongs to another version of masque-vpn; ${howToBuild}`);
}

/** Counters travel without names, so both sides must agree on every column. */
function sameLayout(native: NativeModule): boolean {
  if (typeof native.layout !== 'function') return false;
  const { sessions, connections, totals } = native.layout();
  return (
    sameList(sessions, sessionColumns) &&
    sameList(connections, connectionColumns) &&
    sameList(totals, totalColumns)
  );
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name, index) => name === right[index]);
}

function missing(message: string): EngineResult<never> {
  return { ok: false, error: { code: 'ENGINE_MISSING', message } };
}
