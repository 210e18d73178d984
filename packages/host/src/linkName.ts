/** IFNAMSIZ without its terminating zero. */
const longestName = 15;

/**
 * Whether `name` is a Linux interface name that is also plain text to `ip` and `nft`:
 * the kernel would allow quotes, a leading minus and nft's wildcard `*`, we do not.
 */
export function isLinkName(name: string): boolean {
  return (
    Buffer.byteLength(name) <= longestName &&
    /^[A-Za-z0-9_.@+-]+$/.test(name) &&
    !name.startsWith('-') &&
    name !== '.' &&
    name !== '..'
  );
}
