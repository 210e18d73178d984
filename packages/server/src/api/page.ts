import { fail, ok, type Result } from '@masque-vpn/protocol';
import { z } from 'zod';
import type { ApiFailure } from './problem.js';
import { isUnprintable } from '../text/printable.js';

/** Items of one page unless the caller says otherwise. */
const usualLimit = 100;

/** The part of a query that every list takes; a list's own filters are added with `.extend({ … })`. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(usualLimit),
  cursor: z
    .string()
    .max(512)
    .regex(/^[A-Za-z0-9_-]+$/)
    .optional(),
});
export type PageQuery = z.output<typeof PageQuery>;

/** Model of one page of a list. */
export function pageModel<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; nextCursor: z.ZodNullable<z.ZodString> }> {
  return z.object({
    items: z.array(item),
    /** Asks for the next page; null after the last. */
    nextCursor: z.string().nullable(),
  });
}

/** One page as services return it. */
export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

/**
 * Cuts a page out of what was found: ask the repository for `limit + 1` items behind the cursor; the surplus one
 * tells that there is more. `keyOf` gives what the list is ordered by: the place of an item, JSON.
 */
export function cutPage<Row, Item>(
  found: readonly Row[],
  limit: number,
  keyOf: (row: Row) => CursorKey,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const more = found.length > limit && last !== undefined;
  return { items: rows.map(itemOf), nextCursor: more ? formatCursor(keyOf(last)) : null };
}

/** Where in a list's order an item stands: the values the list is ordered by. */
export type CursorKey = readonly (string | number)[];

/** Of lists in order of a UUIDv7, that is of time. */
export const uuidKey = z.tuple([z.string().max(40)]);

/** Of lists in order of a name. */
export const nameKey = z.tuple([z.string()]);

/** An opaque cursor that stands for the place behind `key`. */
export function formatCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * The place that a cursor stands for; null without one. `key` says what the list is ordered by, for instance
 * {@link uuidKey}. Code: API_REQUEST_INVALID.
 */
export function parseCursor<Key extends CursorKey>(
  cursor: string | undefined,
  key: z.ZodType<Key>,
): Result<Key | null, ApiFailure> {
  if (cursor === undefined) return ok(null);
  const parsed = key.safeParse(jsonOf(cursor));
  if (parsed.success && parsed.data.every(isPlace)) return ok(parsed.data);
  return fail({ code: 'API_REQUEST_INVALID', message: 'cursor: not one that this list gave' });
}

/** The store is asked for it. */
function isPlace(part: string | number): boolean {
  return typeof part === 'number' || !isUnprintable(part);
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
