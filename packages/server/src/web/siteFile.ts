import { createHash } from 'node:crypto';

/** What a file may be sent as; the best first. */
export const siteEncodings = ['br', 'gzip'] as const;
export type SiteEncoding = (typeof siteEncodings)[number];

/** One file of the web interface, in memory. */
export interface SiteFile {
  readonly contentType: string;
  readonly body: Buffer;
  /** The same, compressed when it was built; what is missing is sent as it is. */
  readonly compressed: Readonly<Partial<Record<SiteEncoding, Buffer>>>;
  /** Its name changes with its content: a browser may keep it for ever. */
  readonly immutable: boolean;
  /** Of the content, without quotation marks. */
  readonly tag: string;
}

/** A file out of its parts. */
export function siteFile(parts: Omit<SiteFile, 'tag'>): SiteFile {
  const tag = createHash('sha256').update(parts.body).digest('base64url').slice(0, 27);
  return { ...parts, tag };
}
