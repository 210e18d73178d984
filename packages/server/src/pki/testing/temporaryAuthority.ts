import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openAuthority, type CertificateAuthority } from '../authority.js';

/** A new authority in a folder of its own, made at `now`; for tests. */
export interface TemporaryAuthority extends Disposable {
  readonly authority: CertificateAuthority;
  readonly directory: string;
}

export async function temporaryAuthority(now: number): Promise<TemporaryAuthority> {
  const directory = mkdtempSync(join(tmpdir(), 'masque-vpn-pki-'));
  const opened = await openAuthority({ directory, now, logger: pino({ level: 'silent' }) });
  if (!opened.ok) throw new Error(opened.error.message);
  return {
    authority: opened.value,
    directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
