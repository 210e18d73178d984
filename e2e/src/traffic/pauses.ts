import type { Machine } from '../lab/machine.js';
import { eventually } from '../process/eventually.js';

/** How often is looked, milliseconds. */
const intervalMs = 20;

/** Watches how many bytes a machine's transfers move, and for how long at most they stand still. */
export class Pauses implements AsyncDisposable {
  private readonly ended = new AbortController();
  private readonly watching: Promise<void>;
  private bytes = 0;
  private movedAt = performance.now();
  private longest = 0;
  private endedAt: number | null = null;

  constructor(private readonly machine: Machine) {
    this.watching = this.watch();
  }

  /** The longest time without a byte from the last {@link reset} to the end of the transfer, milliseconds. */
  get longestMs(): number {
    return Math.max(this.longest, (this.endedAt ?? performance.now()) - this.movedAt);
  }

  /** The transfer has ended: that nothing moves any more is no pause. */
  end(): void {
    this.endedAt ??= performance.now();
  }

  /** Begins anew; settles once bytes move. */
  async reset(): Promise<void> {
    const before = this.bytes;
    await eventually('bytes that move', () => this.bytes > before);
    this.longest = 0;
    this.movedAt = performance.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ended.abort();
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.ended.signal.aborted) {
      const { bytes } = await this.machine.agent.call('moved', null);
      const now = performance.now();
      if (bytes > this.bytes && this.endedAt === null) {
        this.longest = Math.max(this.longest, now - this.movedAt);
        this.movedAt = now;
        this.bytes = bytes;
      }
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  }
}
