import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { renderUnicodeCompact } from 'uqr';
import type { SetUpLinks } from '../administration/links.js';
import { writeAtomically } from '../pki/privateFile.js';
import { apiPlaces } from './apiPlaces.js';
import { StoreError } from '../store/storeError.js';

export interface FirstOwnerParts {
  readonly links: SetUpLinks;
  readonly publicHost: string;
  /** `host:port` of the API over TCP. */
  readonly apiAddress: string;
  readonly stateDir: string;
  /** Whether what is printed is seen by a person at a terminal, and kept nowhere. */
  readonly terminal: boolean;
  readonly logger: Logger;
}

/** File with the link where there is no terminal; root reads it. */
const linkFile = 'set-up-link';

/**
 * While nobody administers: a link that makes the first owner, new at each start. Its secret goes to a terminal, or
 * into a file for this user only, but not into a log. Returns lines for the person at the terminal.
 */
export async function inviteFirstOwner(parts: FirstOwnerParts): Promise<readonly string[]> {
  const { links, publicHost, apiAddress, stateDir, terminal, logger } = parts;
  const file = join(stateDir, linkFile);
  try {
    const link = await links.ofFirstOwner();
    if (link === null) {
      await rm(file, { force: true });
      return [];
    }
    const { remote, local } = apiPlaces(apiAddress, publicHost);
    const urls = [remote, local].flatMap((place) => (place === null ? [] : `${place}/setup#${link.secret}`));
    if (terminal) {
      return [
        ...(remote === null ? [] : qrLines(`${remote}/setup#${link.secret}`)),
        '  first owner   nobody administers yet; this link is good once, for 24 hours:',
        ...urls.map((url) => `                ${url}`),
      ];
    }
    await writeAtomically(file, `${urls.join('\n')}\n`, 0o600);
    logger.info({ file }, 'nobody administers yet; the link that makes the first owner is in a file');
    return [`  first owner   nobody administers yet; the link is in ${file}`];
  } catch (error) {
    // The Unix socket makes administrators as well.
    if (!(error instanceof StoreError) && !isSystemError(error)) throw error;
    logger.warn({ err: error }, 'there is no link for a first owner; use masque-vpn admin administrator');
    return [];
  }
}

/** For a telephone in the same network. */
function qrLines(url: string): readonly string[] {
  return ['', ...renderUnicodeCompact(url, { border: 2 }).split('\n'), ''];
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
