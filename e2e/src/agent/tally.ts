import { crc32 } from 'node:zlib';
import type { Transferred } from './calls.js';

/** Counts and checks the bytes of one transfer as they pass. */
export class Tally {
  private bytes = 0;
  private sum = 0;
  private firstMs: number | null = null;
  private lastMs = 0;

  add(chunk: Uint8Array): void {
    this.sum = crc32(chunk, this.sum);
    this.bytes += chunk.length;
    this.lastMs = performance.now();
    this.firstMs ??= this.lastMs;
  }

  get result(): Transferred {
    return { bytes: this.bytes, crc32: this.sum, durationMs: this.lastMs - (this.firstMs ?? this.lastMs) };
  }
}
