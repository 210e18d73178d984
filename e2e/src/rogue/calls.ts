import type { Engine, EngineEvent } from '@masque-vpn/engine';

/** Methods of the engine that are driven from outside its namespace. */
export type EngineMethod =
  | 'openTun'
  | 'listen'
  | 'connect'
  | 'request'
  | 'accept'
  | 'update'
  | 'sendCapsules'
  | 'finish'
  | 'abort'
  | 'closeConnection';

/** A method with its arguments. */
export type EngineCall =
  | MethodCall
  /** The totals of a snapshot, in the order of `totalColumns`. */
  | { readonly number: number; readonly method: 'totals'; readonly args: readonly [] };

type MethodCall = {
  readonly [Name in EngineMethod]: {
    readonly number: number;
    readonly method: Name;
    readonly args: Parameters<Engine[Name]>;
  };
}[EngineMethod];

/** What the rogue process says: the result of a call, or events as they come. */
export type RogueMessage =
  { readonly number: number; readonly result: unknown } | { readonly events: readonly EngineEvent[] };
