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

/** A name for people, on one line: 1–200 characters, without spaces around it; NFC. */
export const DisplayNameText = z
  .string()
  .max(1_000)
  .normalize()
  .trim()
  .refine((text) => /^[^]{1,200}$/u.test(text), 'must have 1–200 characters')
  .refine((text) => !hidden.test(text), 'must not hold control characters or marks of direction');

/** A note for people: at most 2,000 characters; NFC. */
export const NoteText = z
  .string()
  .max(8_000)
  .normalize()
  .refine((text) => /^[^]{0,2000}$/u.test(text), 'must have at most 2,000 characters')
  .refine((text) => !hiddenInProse.test(text), 'must not hold control characters or marks of direction');
