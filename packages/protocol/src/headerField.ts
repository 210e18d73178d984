/** Name and value as received or to be sent; each byte is one UTF-16 code unit (latin1). The same shape as the engine's. */
export type HeaderField = readonly [name: string, value: string];

/** All values of one field, in order; `name` in lower case. */
export function fieldValues(headers: readonly HeaderField[], name: string): string[] {
  return headers.filter(([own]) => own === name).map(([, value]) => value);
}
