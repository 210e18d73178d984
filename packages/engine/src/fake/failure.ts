import type { EngineErrorCode, EngineResult } from '../engine.js';

/** A failed command. */
export function failed(code: EngineErrorCode, message: string): EngineResult<never> {
  return { ok: false, error: { code, message } };
}

/** What every command answers after `close`. */
export function closed(): EngineResult<never> {
  return failed('ENGINE_CLOSED', 'the engine is closed');
}
