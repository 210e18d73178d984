/**
 * Visits every number below `total` once per round in an order that looks random and costs nothing to keep:
 * strides of about the golden section, made coprime to `total` so that the round is complete.
 */
export class Probe {
  readonly #total: bigint;
  readonly #stride: bigint;
  #position: bigint;
  #visited = 0n;

  /** @param total numbers to visit, at least 1. */
  constructor(total: bigint) {
    this.#total = total;
    this.#stride = coprimeStride(total);
    this.#position = 0n;
  }

  /** Whether this round visited every number. */
  get roundComplete(): boolean {
    return this.#visited >= this.#total;
  }

  /** Starts the next round. */
  restart(): void {
    this.#visited = 0n;
  }

  next(): bigint {
    this.#visited += 1n;
    this.#position = (this.#position + this.#stride) % this.#total;
    return this.#position;
  }
}

function coprimeStride(total: bigint): bigint {
  let stride = (total * 618_033_988_749n) / 1_000_000_000_000n;
  if (stride < 1n) stride = 1n;
  while (greatestCommonDivisor(stride, total) !== 1n) stride += 1n;
  return stride;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
