import type { Result } from '@masque-vpn/protocol';
import type { Logger } from 'pino';
import type { EffectiveConfiguration, EffectiveSetting } from '../config/effective.js';
import type { ServerCredential } from '../pki/serverCredential.js';
import type { ServerError } from './foundation.js';

export interface ReloadParts {
  readonly credential: Pick<ServerCredential, 'refresh'>;
  /** What the server runs with. */
  readonly effective: EffectiveConfiguration;
  /** Reads the configuration again, as a start would. */
  readonly readConfig: () => Result<{ readonly effective: EffectiveConfiguration }, ServerError>;
  readonly logger: Logger;
}

/** What a reload found; the same is in the log. */
export interface Reloaded {
  /** Whether the server shows another certificate from now on. */
  readonly certificate: 'new' | 'unchanged' | 'failed';
  /** `section.key` of settings that are another in the file and count from the next start on. */
  readonly needsRestart: readonly string[];
  /** The code of what is wrong with the file; null: nothing. */
  readonly problem: string | null;
}

/**
 * Takes over what can be taken over without interrupting anybody, the files of the server's certificate, and says what
 * needs a restart. Whatever is wrong with the files, the server goes on as it is.
 */
export async function reload({ credential, effective, readConfig, logger }: ReloadParts): Promise<Reloaded> {
  // Logged there, when it fails.
  const refreshed = await credential.refresh();
  const certificate = !refreshed.ok ? 'failed' : refreshed.value ? 'new' : 'unchanged';
  const read = readConfig();
  const needsRestart = read.ok ? differences(effective, read.value.effective) : [];
  const problem = read.ok ? null : read.error.code;
  if (!read.ok) logger.error({ err: read.error }, 'the configuration would not let the server start again');
  if (needsRestart.length > 0)
    logger.warn({ settings: needsRestart }, 'these settings count after a restart');
  logger.info({ certificate }, 'reloaded: the certificate of the server');
  return { certificate, needsRestart, problem };
}

function differences(before: EffectiveConfiguration, after: EffectiveConfiguration): readonly string[] {
  const known = new Map(settingsOf(before));
  return settingsOf(after).flatMap(([name, value]) => (known.get(name) === value ? [] : [name]));
}

function settingsOf({ sections }: EffectiveConfiguration): readonly (readonly [string, string])[] {
  const text = (value: EffectiveSetting['value']): string => JSON.stringify(value);
  return sections.flatMap(({ name, settings }) =>
    settings.map(({ key, value }) => [`${name}.${key}`, text(value)] as const),
  );
}
