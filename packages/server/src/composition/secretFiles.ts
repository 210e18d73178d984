import { readFile } from 'node:fs/promises';
import { fail, ok, type Result } from '@masque-vpn/protocol';
import type { ServerConfig } from '../config/config.js';
import type { ServerError } from './foundation.js';

/** Secrets that the configuration names files of, so that they are in no configuration. */
export interface Secrets {
  readonly metricsToken: string | null;
  readonly oidcClientSecret: string | null;
}

/** Failure of a file with a secret. */
export const secretFileErrorCodes = ['SERVER_SECRET_FILE_FAILED'] as const;

/** Reads them. Code: SERVER_SECRET_FILE_FAILED. */
export async function readSecrets(config: ServerConfig): Promise<Result<Secrets, ServerError>> {
  const metricsToken = await readSecret(config.metrics.tokenFile, 'metrics.token_file');
  if (!metricsToken.ok) return metricsToken;
  const oidcClientSecret = await readSecret(config.oidc?.clientSecretFile ?? null, 'oidc.client_secret_file');
  if (!oidcClientSecret.ok) return oidcClientSecret;
  return ok({ metricsToken: metricsToken.value, oidcClientSecret: oidcClientSecret.value });
}

async function readSecret(file: string | null, setting: string): Promise<Result<string | null, ServerError>> {
  if (file === null) return ok(null);
  try {
    const [line = ''] = (await readFile(file, 'utf8')).split('\n');
    if (line.trim() !== '') return ok(line.trim());
    return failed(`${file}, named by ${setting}, has no secret in its first line`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed(`the file named by ${setting} cannot be read: ${reason}`);
  }
}

function failed(message: string): { readonly ok: false; readonly error: ServerError } {
  return fail({ code: 'SERVER_SECRET_FILE_FAILED', message });
}
