import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { StoreChoice } from './config.js';
import type { ConfigEnvironment } from './environment.js';
import { parsePostgresUrl } from './postgresUrl.js';
import type { ProblemCollector } from './problemCollector.js';
import type { ServerToml } from './schema.js';
import { Secret } from './secret.js';

/** Which database the file asks for; of use only if nothing was reported. */
export function storeChoice(
  { url, password_file: passwordFile }: ServerToml['store'],
  environment: ConfigEnvironment,
  collector: ProblemCollector,
): StoreChoice {
  if (url === '') return { kind: 'sqlite' };
  const parsed = parsePostgresUrl(url);
  if (!parsed.ok) {
    const { message, suggestion } = parsed.error;
    collector.report({ code: 'CONFIG_BAD_STORE_URL', path: ['store', 'url'], message, suggestion });
    return { kind: 'sqlite' };
  }
  if (passwordFile !== '' && !isAbsolute(passwordFile)) {
    collector.report({
      code: 'CONFIG_BAD_VALUE',
      path: ['store', 'password_file'],
      message: `"${passwordFile}" depends on where the server is started`,
      suggestion: 'Write a path that begins with a slash.',
    });
  }
  const variable = environment.variables['PGPASSWORD'];
  const password =
    parsed.value.password ?? (variable === undefined || variable === '' ? null : new Secret(variable));
  if (passwordFile !== '' && parsed.value.password !== null) {
    collector.report({
      code: 'CONFIG_BAD_STORE_URL',
      path: ['store', 'url'],
      message: 'there is a password in the URL and another in password_file',
      suggestion: 'Take the one in the URL out.',
    });
  }
  return {
    kind: 'postgres',
    address: { ...parsed.value, password },
    passwordFile: passwordFile === '' ? null : passwordFile,
  };
}

/** A password belongs into no file that every user of the machine can read. */
export function checkStoreSecret(
  { url }: ServerToml['store'],
  file: string,
  collector: ProblemCollector,
): void {
  const parsed = parsePostgresUrl(url);
  if (!parsed.ok || parsed.value.password === null || (statSync(file).mode & 0o004) === 0) return;
  collector.report({
    code: 'CONFIG_SECRET_EXPOSED',
    path: ['store', 'url'],
    message: 'it contains a password, and every user of this machine can read the file',
    suggestion: `Put the password into a file of its own (store.password_file) or into PGPASSWORD; or: chmod o-r ${file}`,
  });
}
