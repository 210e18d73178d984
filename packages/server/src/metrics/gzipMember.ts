import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

/** Compresses a chunk by itself, up to a byte boundary, so that what others become can follow (RFC 1951 §3.2.4). */
const compress = promisify(deflateRaw);
const options = { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_FULL_FLUSH };

/** Magic, deflate, no flags, no time, fastest, unknown system (RFC 1952 §2.3). */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff]);
/** An empty last block with fixed codes (RFC 1951 §3.2.6). */
const lastBlock = Buffer.from([0x03, 0x00]);
/** Chunks that are being compressed while the next one is made. */
const ahead = 2;

/**
 * Compressed forms of chunks, which last as long as the chunks do: a rendering that has a chunk of an earlier one
 * needs no time to compress it.
 */
const compressedForms = new WeakMap<Buffer, Promise<Buffer>>();

/** Compresses chunks as one gzip member, on Node's thread pool, not much faster than it is read. */
export async function* gzipMember(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const pending: Promise<Buffer>[] = [];
  let checksum = 0;
  let length = 0;
  yield header;
  for await (const chunk of chunks) {
    checksum = crc32(chunk, checksum);
    length += chunk.length;
    pending.push(compressed(chunk));
    const oldest = pending.length > ahead ? pending.shift() : undefined;
    if (oldest !== undefined) yield await oldest;
  }
  for (const rest of pending) yield await rest;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield Buffer.concat([lastBlock, trailer]);
}

function compressed(chunk: Buffer): Promise<Buffer> {
  const known = compressedForms.get(chunk);
  if (known !== undefined) return known;
  const form = compress(chunk, options);
  // Whoever waits for it hears of a failure; nobody has to.
  form.catch(() => undefined);
  compressedForms.set(chunk, form);
  return form;
}
