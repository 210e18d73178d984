/**
 * A set that finds its oldest member in O(1). A plain Set walks over the holes that deletions left in front, which
 * makes taking the first of many again and again quadratic; one iterator kept open passes each hole once.
 */
export class OldestFirst<T> {
  readonly #members = new Set<T>();
  #iterator = this.#members.values();
  #oldest: T | undefined;

  get size(): number {
    return this.#members.size;
  }

  /** Adds a member that is not in yet, as the youngest. */
  add(member: T): void {
    this.#members.add(member);
  }

  delete(member: T): void {
    this.#members.delete(member);
    if (member === this.#oldest) this.#oldest = undefined;
  }

  /** The oldest member; undefined when empty. */
  oldest(): T | undefined {
    this.#oldest ??= this.#next();
    return this.#oldest;
  }

  #next(): T | undefined {
    const next = this.#iterator.next();
    if (next.done !== true) return next.value;
    // An iterator that reached the end stays there; everything it passed was deleted.
    this.#iterator = this.#members.values();
    return this.#iterator.next().value;
  }
}
