import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { ApiFailure } from './problem.js';

/** The entity tag of what has a whole number `version`, `"7"`; null for everything else. */
export function formatEntityTag(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('version' in value)) return null;
  return Number.isInteger(value.version) ? `"${String(value.version)}"` : null;
}

/** A version that nothing has: an entity tag that is none of ours, or a weak one (RFC 9110 §13.1.1). */
const noVersion = -1;

/**
 * The version that If-Match asks for; null where any will do (absent or `*`). One entity tag at most: nothing here
 * has two versions at a time. Code: API_REQUEST_INVALID.
 */
export function parseIfMatch(header: string | undefined): Result<number | null, ApiFailure> {
  if (header === undefined || header.trim() === '*') return ok(null);
  const [, weak, tag] = /^\s*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*$/.exec(header) ?? [];
  if (tag === undefined) {
    return fail({ code: 'API_REQUEST_INVALID', message: 'If-Match: one entity tag, as ETag had it: "7"' });
  }
  return ok(weak === undefined && /^(0|[1-9]\d{0,14})$/.test(tag) ? Number(tag) : noVersion);
}
