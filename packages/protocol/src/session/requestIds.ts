import { type CapsuleError, capsuleError } from '../capsule.js';
import type { RequestedAddress } from '../addressCapsule.js';

/** The request ids one peer has used on one stream: none may come twice, and not without end (CIP-710). */
export class RequestIds {
  /** Made when there is one: most peers ask for nothing. */
  #seen: Set<bigint> | null = null;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Remembers the ids of one ADDRESS_REQUEST; an error if one was used before or there are too many by now. */
  record(requests: readonly RequestedAddress[]): CapsuleError | null {
    const seen = (this.#seen ??= new Set());
    for (const { requestId } of requests) {
      if (seen.has(requestId)) {
        return capsuleError('CAPSULE_REQUEST_ID_REUSED', `request id ${requestId} was used before`);
      }
      if (seen.size === this.#most) {
        return capsuleError('CAPSULE_TOO_MANY_REQUESTS', `more than ${this.#most} request ids on one tunnel`);
      }
      seen.add(requestId);
    }
    return null;
  }
}
