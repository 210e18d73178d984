/** Longest id, characters. */
const longest = 63;

/**
 * An id that a name suggests: `Ann’s Laptop` gives `anns-laptop`. Empty where a name has no Latin letters or digits;
 * then somebody has to choose.
 */
export function proposedId(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, longest)
    .replace(/-+$/, '');
}

/** Whether the API takes it as the id of a client. */
export function isClientId(text: string): boolean {
  return /^[a-z0-9-]{1,63}$/.test(text);
}
