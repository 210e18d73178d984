/** Bytes of the current month by client: what is in the store, and what is not yet. */
export class MonthTotals {
  #month = '';
  #stored = new Map<string, number>();
  #fresh = new Map<string, number>();

  /** `YYYY-MM`; empty before the first. */
  get month(): string {
    return this.#month;
  }

  /** Another month begins: everybody starts at nothing. True if it is another one. */
  begin(month: string): boolean {
    if (month === this.#month) return false;
    this.#month = month;
    this.#stored = new Map();
    this.#fresh = new Map();
    return true;
  }

  add(clientUuid: string, bytes: number): void {
    if (bytes > 0) this.#fresh.set(clientUuid, (this.#fresh.get(clientUuid) ?? 0) + bytes);
  }

  of(clientUuid: string): number {
    return (this.#stored.get(clientUuid) ?? 0) + (this.#fresh.get(clientUuid) ?? 0);
  }

  /** What is not in the store yet. */
  fresh(): ReadonlyMap<string, number> {
    return new Map(this.#fresh);
  }

  /** This much of what was fresh is in the store now. */
  settle(month: string, stored: ReadonlyMap<string, number>): void {
    if (month !== this.#month) return;
    for (const [clientUuid, bytes] of stored) {
      this.#stored.set(clientUuid, (this.#stored.get(clientUuid) ?? 0) + bytes);
      const rest = (this.#fresh.get(clientUuid) ?? 0) - bytes;
      if (rest > 0) this.#fresh.set(clientUuid, rest);
      else this.#fresh.delete(clientUuid);
    }
  }

  /** What the store says of these clients: other servers may have added to it. */
  learn(month: string, stored: ReadonlyMap<string, number>): void {
    if (month !== this.#month) return;
    for (const [clientUuid, bytes] of stored) this.#stored.set(clientUuid, bytes);
  }
}
