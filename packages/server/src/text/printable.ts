/**
 * Controls but for tab and the ends of lines, and halves of surrogate pairs. Nobody means anything by them in a text,
 * and PostgreSQL takes no text with U+0000.
 */
const unprintable = /[^\P{Cc}\t\n\r]|\p{Cs}/u;

/** Whether a text has a character that no text from outside may have. */
export function isUnprintable(text: string): boolean {
  return unprintable.test(text);
}

/**
 * Where in data from outside such a text is, `items.0.note`, the name of a field included; null where there is none.
 * Without recursion: data may be nested as deeply as it is long.
 */
export function placeOfUnprintable(data: unknown): string | null {
  const pending: { readonly value: unknown; readonly place: string }[] = [{ value: data, place: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, place } = next;
    if (typeof value === 'string' && isUnprintable(value)) return place;
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, part] of Object.entries(value)) {
      // A name is shown in what is said about it.
      if (isUnprintable(name)) return place;
      pending.push({ value: part, place: place === '' ? name : `${place}.${name}` });
    }
  }
  return null;
}
