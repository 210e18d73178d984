import type { Engine, EngineEvent } from '@masque-vpn/engine';

/** Methods of the engine that a rogue client drives from outside its namespace. */
export type EngineMethod =
  'openTun' | 'connect' | 'request' | 'update' | 'sendCapsules' | 'finish' | 'abort' | 'closeConnection';

/** A method with its arguments. */
export type EngineCall = {
  readonly [Name in EngineMethod]: {
    readonly number: number;
    readonly method: Name;
    readonly args: Parameters<Engine[Name]>;
  };
}[EngineMethod];

/** What the rogue process says: the result of a call, or events as they come. */
export type RogueMessage =
  { readonly number: number; readonly result: unknown } | { readonly events: readonly EngineEvent[] };
