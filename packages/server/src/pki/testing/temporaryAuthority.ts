import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority } from '../authority.js';

/** A new authority made at `now`, and an empty folder; for tests. */
export interface TemporaryAuthority extends Disposable {
  readonly authority: CertificateAuthority;
  readonly directory: string;
}

export async function temporaryAuthority(now: number): Promise<TemporaryAuthority> {
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-pki-'));
  return {
    authority: await CertificateAuthority.make(now),
    directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
