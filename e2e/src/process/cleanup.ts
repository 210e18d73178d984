/** Things to end in reverse order, all of them even when one fails. Node 20 has no AsyncDisposableStack. */
export class Cleanup implements AsyncDisposable {
  private steps: (() => PromiseLike<void> | void)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.steps.push(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(step: () => PromiseLike<void> | void): void {
    this.steps.push(step);
  }

  /** Hands everything to a new owner; this one has nothing left to end. */
  move(): Cleanup {
    const moved = new Cleanup();
    moved.steps = this.steps;
    this.steps = [];
    return moved;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  }
}
