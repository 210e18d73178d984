import type { Route } from './route.js';

/** Which methods a path takes; to answer those that it does not (RFC 9110 §15.5.6). */
export class Methods {
  readonly #patterns: readonly { readonly pattern: RegExp; readonly methods: readonly string[] }[];
  /** Of paths without parameters. */
  readonly #plain: ReadonlyMap<string, readonly string[]>;

  constructor(routes: readonly Route[]) {
    const byPath = new Map<string, string[]>();
    for (const { path, method, streams } of routes) {
      const methods = byPath.get(path) ?? ['OPTIONS'];
      methods.push(method, ...(method === 'GET' && !streams ? ['HEAD'] : []));
      byPath.set(path, methods);
    }
    this.#plain = new Map([...byPath].filter(([path]) => !path.includes(':')));
    this.#patterns = [...byPath].map(([path, methods]) => ({ pattern: patternOf(path), methods }));
  }

  /** Value of Allow, `GET, HEAD, OPTIONS`; null for a path that is none. */
  allowedAt(url: string): string | null {
    const path = pathOf(url);
    const methods =
      this.#plain.get(path) ??
      this.#patterns.filter(({ pattern }) => pattern.test(path)).flatMap((found) => found.methods);
    return methods.length === 0 ? null : [...new Set(methods)].sort().join(', ');
  }

  /** Whether a path is one by itself that does not take the method, though one with a parameter would. */
  excludes(method: string, url: string): boolean {
    return this.#plain.get(pathOf(url))?.includes(method) === false;
  }
}

function pathOf(url: string): string {
  const [path = ''] = url.split('?');
  return path;
}

function patternOf(path: string): RegExp {
  const escaped = path
    .split('/')
    .map((segment) =>
      segment.startsWith(':') ? '[^/]+' : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${escaped.join('/')}$`);
}
