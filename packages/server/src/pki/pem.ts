/** The blocks of a PEM text (RFC 7468) with this label, a regular expression, each with its frame and a line feed. */
export function pemBlocks(text: string, label: string): string[] {
  const block = new RegExp(`-----BEGIN (${label})-----[^-]*-----END \\1-----`, 'g');
  return [...text.matchAll(block)].map(([whole]) => `${whole}\n`);
}
