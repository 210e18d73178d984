interface Entry<Item> {
  readonly item: Item;
  atMs: number;
  place: number;
}

/** Items with a time each, the earliest first: a binary heap that finds its items again. */
export class Deadlines<Item> {
  readonly #heap: Entry<Item>[] = [];
  readonly #entries = new Map<Item, Entry<Item>>();

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest; null: none. */
  get next(): { readonly item: Item; readonly atMs: number } | null {
    return this.#heap[0] ?? null;
  }

  /** Sets an item's time, or changes it. */
  set(item: Item, atMs: number): void {
    const known = this.#entries.get(item);
    if (known !== undefined) {
      known.atMs = atMs;
      this.#settle(known);
      return;
    }
    const entry = { item, atMs, place: this.#heap.length };
    this.#entries.set(item, entry);
    this.#heap.push(entry);
    this.#settle(entry);
  }

  delete(item: Item): void {
    const entry = this.#entries.get(item);
    const last = this.#heap.at(-1);
    if (entry === undefined || last === undefined) return;
    this.#entries.delete(item);
    this.#heap.pop();
    if (entry === last) return;
    this.#put(last, entry.place);
    this.#settle(last);
  }

  #settle(entry: Entry<Item>): void {
    this.#rise(entry);
    this.#sink(entry);
  }

  #rise(entry: Entry<Item>): void {
    for (;;) {
      const above = (entry.place - 1) >> 1;
      const parent = this.#heap[above];
      if (above < 0 || parent === undefined || parent.atMs <= entry.atMs) return;
      this.#put(parent, entry.place);
      this.#put(entry, above);
    }
  }

  #sink(entry: Entry<Item>): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1];
      const right = this.#heap[2 * entry.place + 2];
      const child = left !== undefined && right !== undefined && right.atMs < left.atMs ? right : left;
      if (child === undefined || child.atMs >= entry.atMs) return;
      const below = child.place;
      this.#put(child, entry.place);
      this.#put(entry, below);
    }
  }

  #put(entry: Entry<Item>, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}
