import { Readable } from 'node:stream';

interface Reader {
  /** Index of the chunk it wants next. */
  position: number;
  readonly stream: Readable;
}

/**
 * One source of chunks, read by many at their own speed: it is asked for the next chunk when the fastest reader
 * wants one, and a chunk is kept until the slowest has it. All readers must be there before the first chunk.
 */
export class SharedStream {
  readonly #source: AsyncIterator<Buffer, void>;
  readonly #readers = new Set<Reader>();
  /** Chunks that some reader still wants; the first one's index is `#first`. */
  readonly #chunks: Buffer[] = [];
  #first = 0;
  #pulling: Promise<void> | null = null;
  #ended = false;

  constructor(source: AsyncIterator<Buffer, void>) {
    this.#source = source;
  }

  /** A stream over all chunks; destroying it leaves the others alone. */
  reader(): Readable {
    const stream = new Readable({
      highWaterMark: 1,
      read: () => void this.#serve(reader),
      destroy: (error, done) => {
        this.#leave(reader);
        done(error);
      },
    });
    const reader: Reader = { position: 0, stream };
    this.#readers.add(reader);
    return stream;
  }

  /** Ends every reader that is not through yet, and the source. */
  destroy(error: Error): void {
    for (const { stream } of [...this.#readers]) stream.destroy(error);
  }

  /** Whether anybody still reads. */
  get busy(): boolean {
    return this.#readers.size > 0;
  }

  async #serve(reader: Reader): Promise<void> {
    try {
      while (reader.position >= this.#first + this.#chunks.length && !this.#ended) {
        this.#pulling ??= this.#pull();
        await this.#pulling;
      }
    } catch (error) {
      reader.stream.destroy(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (!this.#readers.has(reader)) return;
    const chunk = this.#chunks[reader.position - this.#first];
    reader.position += 1;
    this.#forget();
    if (chunk === undefined) this.#readers.delete(reader);
    reader.stream.push(chunk ?? null);
  }

  async #pull(): Promise<void> {
    try {
      const next = await this.#source.next();
      if (next.done === true) this.#ended = true;
      else this.#chunks.push(next.value);
    } finally {
      this.#pulling = null;
    }
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) this.#forget();
    else if (!this.#ended) this.#stopSource();
  }

  #stopSource(): void {
    this.#ended = true;
    this.#chunks.length = 0;
    // What a source does when it is left early concerns nobody any more.
    this.#source.return?.().catch(() => undefined);
  }

  #forget(): void {
    let slowest = Number.POSITIVE_INFINITY;
    for (const { position } of this.#readers) slowest = Math.min(slowest, position);
    while (this.#chunks.length > 0 && this.#first < slowest) {
      this.#chunks.shift();
      this.#first += 1;
    }
  }
}
