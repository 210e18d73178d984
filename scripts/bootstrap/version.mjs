/**
 * Whether a dotted version is at least another: `1.88.0` ≥ `1.88`.
 * @param {string} version
 * @param {string} minimum
 */
export function isAtLeast(version, minimum) {
  const have = version.split('.').map(Number);
  const want = minimum.split('.').map(Number);
  for (const [index, part] of want.entries()) {
    const ours = have[index] ?? 0;
    if (ours !== part) return ours > part;
  }
  return true;
}
