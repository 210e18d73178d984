/** What every client's sessions carry: rules about everyone name it. */
export const everyoneLabel = 0;

/** Numbers by which the engine knows groups and clients; valid in this process only. */
export class Labels {
  readonly #numbers = new Map<string, number>();
  #last = everyoneLabel;

  /** The same number for the same uuid, always. */
  of(uuid: string): number {
    const known = this.#numbers.get(uuid);
    if (known !== undefined) return known;
    this.#last += 1;
    this.#numbers.set(uuid, this.#last);
    return this.#last;
  }
}
