import { concatBytes } from './byteReader.js';
import { type Capsule, type CapsuleError, capsuleError, CapsuleType } from './capsule.js';
import { DEFAULT_LIMITS, type SessionLimits } from './limits.js';
import { decodeVarint, encodeVarint } from './varint.js';

/** A DATAGRAM capsule above this holds no IP packet and is discarded unread (CIP-607). */
const LARGEST_DATAGRAM = 65_575n + 8n;

/** One capsule on the wire: type, length, value (RFC 9297 §3.2). */
export function encodeCapsule(capsule: Capsule): Uint8Array {
  return concatBytes([encodeVarint(capsule.type), encodeVarint(BigInt(capsule.value.length)), capsule.value]);
}

/** Everything else is skipped. */
const KNOWN_TYPES: ReadonlySet<bigint> = new Set(Object.values(CapsuleType));

/** What one chunk completed; after an error the reader takes no more. */
export interface CapsuleBatch {
  readonly capsules: readonly Capsule[];
  readonly error: CapsuleError | null;
}

type ReaderState =
  | { readonly kind: 'header'; readonly bytes: Uint8Array; filled: number }
  | { readonly kind: 'value'; readonly type: bigint; readonly bytes: Uint8Array; filled: number }
  | { readonly kind: 'skipping'; remaining: bigint }
  | { readonly kind: 'failed'; readonly error: CapsuleError };

/**
 * Cuts a byte stream into capsules; chunk boundaries carry no meaning (CIP-601). Yields the types of
 * `CapsuleType`; all others are skipped without being held (CIP-602, CIP-603).
 */
export class CapsuleReader {
  readonly #limits: SessionLimits;
  #state: ReaderState = newHeader();

  constructor(limits: SessionLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Uint8Array): CapsuleBatch {
    const capsules: Capsule[] = [];
    let rest = chunk;
    while (rest.length > 0 && this.#state.kind !== 'failed') {
      rest = rest.subarray(this.#consume(this.#state, rest));
      const capsule = this.#finishPart(this.#state);
      if (capsule !== null) capsules.push(capsule);
    }
    return { capsules, error: this.#state.kind === 'failed' ? this.#state.error : null };
  }

  /** The stream ended: an error if inside a capsule, null on a boundary (CIP-605). */
  finish(): CapsuleError | null {
    if (this.#state.kind === 'failed') return this.#state.error;
    if (this.#state.kind === 'header' && this.#state.filled === 0) return null;
    return capsuleError('CAPSULE_STREAM_CUT', 'the stream ended inside a capsule');
  }

  /** Takes what belongs to the current part; returns how many bytes that was. */
  #consume(state: Exclude<ReaderState, { kind: 'failed' }>, bytes: Uint8Array): number {
    if (state.kind === 'skipping') {
      const count = state.remaining < BigInt(bytes.length) ? Number(state.remaining) : bytes.length;
      state.remaining -= BigInt(count);
      return count;
    }
    // A header is taken byte by byte: only its bytes say how long it is.
    const count = state.kind === 'header' ? 1 : Math.min(bytes.length, state.bytes.length - state.filled);
    state.bytes.set(bytes.subarray(0, count), state.filled);
    state.filled += count;
    return count;
  }

  /** Moves on when a part is complete; returns the capsule that became complete. */
  #finishPart(state: ReaderState): Capsule | null {
    if (state.kind === 'header') {
      const next = this.#afterHeader(state.bytes.subarray(0, state.filled));
      if (next === null) return null;
      this.#state = next;
      return this.#finishPart(next);
    }
    if (state.kind === 'skipping' && state.remaining === 0n) this.#state = newHeader();
    if (state.kind !== 'value' || state.filled < state.bytes.length) return null;
    this.#state = newHeader();
    return { type: state.type, value: state.bytes };
  }

  /** Null while the header is incomplete. */
  #afterHeader(bytes: Uint8Array): ReaderState | null {
    const type = decodeVarint(bytes, 0);
    const length = type === null ? null : decodeVarint(bytes, type.length);
    if (type === null || length === null) return null;
    const isDatagram = type.value === CapsuleType.datagram;
    if (!KNOWN_TYPES.has(type.value) || (isDatagram && length.value > LARGEST_DATAGRAM)) {
      return { kind: 'skipping', remaining: length.value };
    }
    if (!isDatagram && length.value > BigInt(this.#limits.capsuleBytes)) {
      const message = `${length.value} bytes in a control capsule, ${this.#limits.capsuleBytes} are allowed`;
      return { kind: 'failed', error: capsuleError('CAPSULE_TOO_LARGE', message) };
    }
    return { kind: 'value', type: type.value, bytes: new Uint8Array(Number(length.value)), filled: 0 };
  }
}

function newHeader(): ReaderState {
  return { kind: 'header', bytes: new Uint8Array(16), filled: 0 };
}
