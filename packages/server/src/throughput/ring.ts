/** What happened within one step. */
export interface Step {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly openSessions: number;
  readonly refusals: number;
}

const columns = ['bytesSent', 'bytesReceived', 'openSessions', 'refusals'] as const satisfies (keyof Step)[];

/** The last steps of equal length, by number; what is older is overwritten. */
export class Ring {
  readonly #size: number;
  readonly #values: Readonly<Record<keyof Step, Float64Array>>;
  /** Number of the newest step that was written; -1: none. */
  #newest = -1;

  /** @param size how many steps are kept */
  constructor(size: number) {
    this.#size = size;
    const column = (): Float64Array => new Float64Array(size);
    this.#values = {
      bytesSent: column(),
      bytesReceived: column(),
      openSessions: column(),
      refusals: column(),
    };
  }

  /** Adds to a step; the most open sessions count. Steps that nobody wrote are 0. */
  add(number: number, step: Step): void {
    if (number <= this.#newest - this.#size) return;
    while (this.#newest < number) this.#clear(++this.#newest);
    const at = number % this.#size;
    const { bytesSent, bytesReceived, openSessions, refusals } = this.#values;
    bytesSent[at] = (bytesSent[at] ?? 0) + step.bytesSent;
    bytesReceived[at] = (bytesReceived[at] ?? 0) + step.bytesReceived;
    refusals[at] = (refusals[at] ?? 0) + step.refusals;
    openSessions[at] = Math.max(openSessions[at] ?? 0, step.openSessions);
  }

  /** A step; all of it 0 where nothing is kept. */
  at(number: number): Step {
    const isKept = number <= this.#newest && number > this.#newest - this.#size;
    const at = number % this.#size;
    const value = (column: keyof Step): number => (isKept ? (this.#values[column][at] ?? 0) : 0);
    return {
      bytesSent: value('bytesSent'),
      bytesReceived: value('bytesReceived'),
      openSessions: value('openSessions'),
      refusals: value('refusals'),
    };
  }

  #clear(number: number): void {
    for (const column of columns) this.#values[column][number % this.#size] = 0;
  }
}
