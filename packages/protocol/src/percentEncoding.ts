/**
 * Decodes percent-escapes once into ASCII text (CIP-401). Null if an escape is cut or not hexadecimal,
 * or if anything outside 0x21–0x7E comes out: nothing of our syntax needs it, and NUL must never pass.
 */
export function percentDecode(text: string): string | null {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return null;
  const decoded = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /^[\x21-\x7e]*$/.test(decoded) ? decoded : null;
}

/** Escapes everything that is not unreserved (RFC 3986 §2.3), with upper-case hex; input must be ASCII. */
export function percentEncode(text: string): string {
  return text.replace(
    /[^A-Za-z0-9\-._~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
