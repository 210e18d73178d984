/** The path to go on to after signing in: one of this page's own, never another host's. */
export function nextPath(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/';
}
