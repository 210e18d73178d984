import { z } from 'zod';

/**
 * Characters that would change how what stands around them is read: controls, line separators, and the marks that
 * turn the direction of text (Unicode TR 36 §2.3). Letters of every script are fine, those written from right to left
 * included.
 */
const hidden = /[\p{Cc}\p{Cs}\u2028\u2029\u200b\u200e\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069\ufeff]/u;

/** The same, but for line feed and tab. */
const hiddenInProse =
  /[^\P{Cc}\n\t]|[\p{Cs}\u2028\u2029\u200b\u200e\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069\ufeff]/u;

const plain = 'must not hold control characters or marks of direction';

/** Text for people on one line, `most` characters at most and one at least, without spaces around it; NFC. */
export function lineText(most: number): z.ZodString {
  return z
    .string()
    .max(unitsOf(most))
    .normalize()
    .trim()
    .refine((text) => text !== '' && isWithin(text, most), `must have 1–${grouped(most)} characters`)
    .refine((text) => !hidden.test(text), plain);
}

/** Text for people that may have several lines, `most` characters at most; NFC. */
export function proseText(most: number): z.ZodString {
  return z
    .string()
    .max(unitsOf(most))
    .normalize()
    .refine((text) => isWithin(text, most), `must have at most ${grouped(most)} characters`)
    .refine((text) => !hiddenInProse.test(text), plain);
}

/** Text that is compared as it is: what is looked for, or what others say. `most` UTF-16 units at most. */
export function exactText(most: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !hidden.test(text), plain);
}

/** Bounds the work: some characters take two UTF-16 units, some texts get shorter by NFC. */
function unitsOf(characters: number): number {
  return 4 * characters;
}

/** Whether a text has that many characters or fewer, each a code point. */
function isWithin(text: string, most: number): boolean {
  return new RegExp(`^[^]{0,${most}}$`, 'u').test(text);
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}
