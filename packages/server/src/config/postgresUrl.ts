import { fail, ok, parseAddress, type Result } from '@masque-vpn/protocol';
import { Secret } from './secret.js';

/** Where a PostgreSQL database is, and as whom. */
export interface PostgresAddress {
  /** Name or IP address, or the folder of a Unix socket (begins with a slash). */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Null: the name of the user the server runs as. */
  readonly user: string | null;
  readonly password: Secret | null;
  readonly tls: PostgresTls;
}

/** As libpq's `sslmode`, but nothing between `disable` and `require`: those fall back to clear text. */
export type PostgresTls =
  | { readonly mode: 'disable' }
  | {
      readonly mode: 'require' | 'verify-ca' | 'verify-full';
      /** Paths of PEM files; null: the authorities the system trusts, no certificate of our own. */
      readonly rootCertificateFile: string | null;
      readonly certificateFile: string | null;
      readonly keyFile: string | null;
    };

/** What is wrong with a URL; never contains its password. */
export interface PostgresUrlFault {
  readonly message: string;
  readonly suggestion: string;
}

const example = 'postgres://masque_vpn@db.example.org/masque_vpn';
const knownParameters = ['host', 'port', 'user', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;
const noHost = 'no-host.invalid';
const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/**
 * Parses `postgres://user:password@host:port/database?sslmode=…`. Without `sslmode` the certificate of a server on
 * another machine is verified, and one on this machine is spoken to in clear.
 */
export function parsePostgresUrl(text: string): Result<PostgresAddress, PostgresUrlFault> {
  const url = parseUrl(text);
  if (url === null) {
    return fault('this is no URL of a PostgreSQL database', `Write it like "${example}".`);
  }
  const parameters = new Map(url.searchParams);
  for (const name of parameters.keys()) {
    if (!knownParameters.some((known) => known === name)) {
      return fault(
        `the parameter "${name}" is not known`,
        `Leave it out. Known: ${knownParameters.join(', ')}.`,
      );
    }
  }
  const user = decoded(url.username);
  const password = decoded(url.password);
  const database = decoded(url.pathname.slice(1));
  if (user === null || password === null || database === null) {
    return fault('it contains a "%" that begins no character', 'Write a percent sign as "%25".');
  }
  if (database === '' || database.includes('/')) {
    return fault('it names no database', `Write its name after the host: "${example}".`);
  }
  const named = url.hostname === noHost ? '' : url.hostname.replace(/^\[(.*)\]$/, '$1');
  const host = parameters.get('host') ?? named;
  if (host === '') {
    return fault('it names no host', `Write one: "${example}", or "?host=/run/postgresql" at the end.`);
  }
  const port = Number(parameters.get('port') ?? (url.port === '' ? '5432' : url.port));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return fault('its port is no number from 1 to 65535', 'PostgreSQL usually has 5432; then leave it out.');
  }
  const tls = parseTls(parameters, host);
  if (!tls.ok) return tls;
  return ok({
    host,
    port,
    database,
    user: user !== '' ? user : (parameters.get('user') ?? null),
    password: password === '' ? null : new Secret(password),
    tls: tls.value,
  });
}

/** `postgres://user@host:port/database`: for people and logs. */
export function formatPostgresAddress({ host, port, database, user }: PostgresAddress): string {
  const who = user === null ? '' : `${encodeURIComponent(user)}@`;
  if (host.startsWith('/'))
    return `postgres://${who}/${encodeURIComponent(database)}?host=${host}&port=${port}`;
  const shown = host.includes(':') ? `[${host}]` : host;
  return `postgres://${who}${shown}:${port}/${encodeURIComponent(database)}`;
}

/** `user@/database?host=/folder` is usual with PostgreSQL, but no URL: it gets a host that no machine has. */
function parseUrl(text: string): URL | null {
  const complete = text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)\//, `$1${noHost}/`);
  if (!/^postgres(?:ql)?:\/\//.test(text) || !URL.canParse(complete)) return null;
  return new URL(complete);
}

function parseTls(
  parameters: ReadonlyMap<string, string>,
  host: string,
): Result<PostgresTls, PostgresUrlFault> {
  const asked = parameters.get('sslmode');
  const mode = asked === undefined ? defaultMode(host) : tlsModes.find((known) => known === asked);
  if (mode === undefined) {
    return fault(
      `"${asked ?? ''}" is no sslmode`,
      `Write one of ${tlsModes.join(', ')}; those that fall back to clear text do not exist here.`,
    );
  }
  if (mode === 'disable') return ok({ mode });
  const file = (name: string): string | null => parameters.get(name) ?? null;
  const certificateFile = file('sslcert');
  const keyFile = file('sslkey');
  if ((certificateFile === null) !== (keyFile === null)) {
    return fault('sslcert and sslkey belong together', 'Write both or none.');
  }
  return ok({ mode, rootCertificateFile: file('sslrootcert'), certificateFile, keyFile });
}

/** What leaves the machine is encrypted and its receiver verified, unless somebody asks for less. */
function defaultMode(host: string): 'disable' | 'verify-full' {
  if (host.startsWith('/') || host === 'localhost') return 'disable';
  const address = parseAddress(host);
  if (!address.ok) return 'verify-full';
  const { family, value } = address.value;
  const loopback = family === 4 ? value >> 24n === 127n : value === 1n;
  return loopback ? 'disable' : 'verify-full';
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function fault(
  message: string,
  suggestion: string,
): { readonly ok: false; readonly error: PostgresUrlFault } {
  return fail({ message, suggestion });
}
