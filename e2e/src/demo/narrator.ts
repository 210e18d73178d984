/** Tells what happens: lines that stay, and on a terminal one line that moves. */
export class Narrator {
  private readonly startedMs = performance.now();
  private lastLiveMs = 0;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  /** A line that stays. */
  say(line = ''): void {
    this.clear();
    this.stream.write(`${line}\n`);
  }

  /** What is being done, with the time since the start. */
  step(line: string): void {
    const seconds = (performance.now() - this.startedMs) / 1000;
    this.say(`${seconds.toFixed(1).padStart(6)} s  ${line}`);
  }

  /** A figure that changes: one line that is overwritten on a terminal, a line a second elsewhere. */
  live(line: string): void {
    if (this.stream.isTTY) {
      this.clear();
      this.stream.write(`          ${line}`);
      return;
    }
    const now = performance.now();
    if (now - this.lastLiveMs < 1000) return;
    this.lastLiveMs = now;
    this.say(`          ${line}`);
  }

  private clear(): void {
    if (this.stream.isTTY) this.stream.write('\r\x1b[2K');
  }
}
