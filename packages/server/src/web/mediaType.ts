import { extname } from 'node:path';

const text = '; charset=utf-8';

const byExtension: Readonly<Record<string, string>> = {
  '.css': `text/css${text}`,
  '.html': `text/html${text}`,
  '.ico': 'image/x-icon',
  '.js': `text/javascript${text}`,
  '.json': `application/json${text}`,
  '.map': `application/json${text}`,
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': `text/plain${text}`,
  '.wasm': 'application/wasm',
  '.webmanifest': `application/manifest+json${text}`,
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** Content-Type by the end of a file's name. */
export function mediaTypeOf(name: string): string {
  return byExtension[extname(name).toLowerCase()] ?? 'application/octet-stream';
}
