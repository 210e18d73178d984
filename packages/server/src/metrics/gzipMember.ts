import { constants, crc32, createDeflateRaw } from 'node:zlib';

/** Magic, deflate, no flags, no time, fastest, unknown system (RFC 1952 §2.3). */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff]);
/** An empty last block with fixed codes (RFC 1951 §3.2.6). */
const lastBlock = Buffer.from([0x03, 0x00]);
/** Chunks that are being compressed while the next one is made. */
const ahead = 2;

/**
 * Compresses chunks one after the other on Node's thread pool, each by itself and up to a byte boundary, so that any
 * others can follow. Remembers what a chunk became as long as the chunk exists: a rendering that has a chunk of an
 * earlier one needs no time to compress it.
 */
export class Compressor {
  readonly #forms = new WeakMap<Buffer, Promise<Buffer>>();
  /** A full flush after every write: nothing in the next chunk refers to this one. */
  readonly #deflate = createDeflateRaw({ level: constants.Z_BEST_SPEED, flush: constants.Z_FULL_FLUSH });
  #output: Buffer[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#deflate.on('data', (part: Buffer) => this.#output.push(part));
  }

  /** Blocks of deflate (RFC 1951) without a last one. */
  compress(chunk: Buffer): Promise<Buffer> {
    const known = this.#forms.get(chunk);
    if (known !== undefined) return known;
    const form = this.#last.then(() => this.#one(chunk));
    // Whoever waits for it hears of a failure; nobody has to.
    this.#last = form.catch(() => undefined);
    this.#forms.set(chunk, form);
    return form;
  }

  #one(chunk: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#deflate.write(chunk, (error) => {
        if (error !== null && error !== undefined) {
          reject(error);
          return;
        }
        resolve(Buffer.concat(this.#output));
        this.#output = [];
      });
    });
  }
}

/** Compresses chunks as one gzip member, not much faster than it is read. */
export async function* gzipMember(
  compressor: Compressor,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const pending: Promise<Buffer>[] = [];
  let checksum = 0;
  let length = 0;
  yield header;
  for await (const chunk of chunks) {
    checksum = crc32(chunk, checksum);
    length += chunk.length;
    pending.push(compressor.compress(chunk));
    const oldest = pending.length > ahead ? pending.shift() : undefined;
    if (oldest !== undefined) yield await oldest;
  }
  for (const rest of pending) yield await rest;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield Buffer.concat([lastBlock, trailer]);
}
