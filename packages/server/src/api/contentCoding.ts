/**
 * The first of `offered` that a caller takes by its Accept-Encoding (RFC 9110 §12.5.3); `identity` if it names none of
 * them, or refuses them with `q=0`.
 */
export function contentCoding<Coding extends string>(
  accepted: string,
  offered: readonly Coding[],
): Coding | 'identity' {
  const named = accepted.toLowerCase().split(',');
  const parts = named.map((part) => part.replaceAll(/\s/g, ''));
  const isTaken = (coding: string): boolean => {
    const part = parts.find((text) => text === coding || text.startsWith(`${coding};`));
    return part !== undefined && !/;q=0(\.0*)?$/.test(part);
  };
  return offered.find(isTaken) ?? 'identity';
}
