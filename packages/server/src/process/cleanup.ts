import type { Logger } from 'pino';

/** What is to be undone, in the opposite order of its making. */
export class Cleanup {
  readonly #steps: { readonly name: string; readonly undo: () => unknown }[] = [];

  /** Remembers one step; `name` says in the log what could not be undone. */
  defer(name: string, undo: () => unknown): void {
    this.#steps.push({ name, undo });
  }

  /** Undoes everything, once; a step that fails does not keep the others. */
  async run(logger: Logger): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        logger.error({ err: error, step: step.name }, 'a step of the shutdown failed');
      }
    }
  }
}
