/**
 * Says what is being done: one live line on a terminal, sparse plain lines elsewhere
 * (a step's beginning, a sign of life every 20 s, its end). Steps that find nothing to do stay silent.
 */
export class Progress {
  /** @type {Map<string, { startedMs: number, detail: string, saidMs: number }>} */
  #active = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #frame = 0;

  /** @param {NodeJS.WriteStream} [stream] */
  constructor(stream = process.stderr) {
    this.stream = stream;
  }

  /**
   * Shows `name` as running until `work` settles; `work` may describe where it is.
   * @template T
   * @param {string} name
   * @param {(say: (detail: string) => void) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async step(name, work) {
    const now = performance.now();
    const entry = { startedMs: now, detail: '', saidMs: now };
    this.#active.set(name, entry);
    if (!this.stream.isTTY) this.stream.write(`… ${name}\n`);
    this.#timer ??= setInterval(() => this.#draw(), this.stream.isTTY ? 100 : 1000);
    try {
      const result = await work((detail) => (entry.detail = detail));
      this.#finish(name, `✓ ${name} (${seconds(entry.startedMs)})`);
      return result;
    } catch (error) {
      this.#finish(name, `✗ ${name} (${seconds(entry.startedMs)})`);
      throw error;
    }
  }

  /**
   * A plain line that stays.
   * @param {string} line
   */
  note(line) {
    this.#clear();
    this.stream.write(`${line}\n`);
  }

  /** @param {string} name @param {string} line */
  #finish(name, line) {
    this.#active.delete(name);
    this.note(line);
    if (this.#active.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #clear() {
    if (this.stream.isTTY) this.stream.write('\r\x1b[2K');
  }

  #draw() {
    if (!this.stream.isTTY) {
      this.#drawPlain();
      return;
    }
    const spinner = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[this.#frame++ % 10] ?? '';
    const parts = [...this.#active].map(([name, { startedMs, detail }]) =>
      [name, detail, seconds(startedMs)].filter((part) => part !== '').join(' '),
    );
    const line = `${spinner} ${parts.join('  ·  ')}`;
    this.#clear();
    this.stream.write(line.slice(0, (this.stream.columns || 100) - 1));
  }

  #drawPlain() {
    for (const [name, entry] of this.#active) {
      if (performance.now() - entry.saidMs < 20_000) continue;
      entry.saidMs = performance.now();
      this.stream.write(`… ${name}: ${entry.detail} (${seconds(entry.startedMs)})\n`);
    }
  }
}

/** @param {number} sinceMs */
const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
