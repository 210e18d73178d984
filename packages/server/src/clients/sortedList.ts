/** Items in an order of their own, kept while they come and go. */
export class SortedList<Item> {
  readonly #compare: (a: Item, b: Item) => number;
  readonly #items: Item[];

  /**
   * @param compare never 0 for two different items
   * @param items in no order
   */
  constructor(compare: (a: Item, b: Item) => number, items: readonly Item[] = []) {
    this.#compare = compare;
    this.#items = items.toSorted(compare);
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  add(item: Item): void {
    this.#items.splice(this.placeOf(item), 0, item);
  }

  /** Takes out an item that compares as equal; none is fine. */
  remove(item: Item): void {
    const place = this.placeOf(item);
    const found = this.#items[place];
    if (found !== undefined && this.#compare(found, item) === 0) this.#items.splice(place, 1);
  }

  /** Index of the first item that does not come before `item`. */
  placeOf(item: Item): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const candidate = this.#items[middle];
      if (candidate !== undefined && this.#compare(candidate, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
