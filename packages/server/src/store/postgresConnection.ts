import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import { types, type ClientConfig } from 'pg';
import type { PostgresAddress, PostgresTls } from '../config/postgresUrl.js';

/** How long connecting may take, and waiting for a free connection, milliseconds. */
export const connectTimeoutMs = 3_000;

/** Where the database is, and where the password comes from. */
export interface PostgresLocation {
  readonly address: PostgresAddress;
  /** Read at every connection; null: `address.password`. */
  readonly passwordFile: string | null;
}

/** What a query may take. */
export interface PostgresLimits {
  /** The server gives a statement up after it; we give the connection up a little later. */
  readonly statementMs: number;
}

/**
 * What `pg` needs to connect. Rejects with the error of the file system when a file that the address names cannot be
 * read. The password is read again at every connection, so that it can be changed while the server runs.
 */
export async function postgresClientConfig(
  { address, passwordFile }: PostgresLocation,
  { statementMs }: PostgresLimits,
): Promise<ClientConfig> {
  const password = passwordFile === null ? address.password?.reveal() : await passwordReader(passwordFile);
  return {
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user ?? userInfo().username,
    ...(password === undefined ? {} : { password }),
    ssl: await tlsOptions(address.tls),
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementMs,
    // Where the network swallows packets nobody else tells us.
    query_timeout: statementMs + connectTimeoutMs,
    idle_in_transaction_session_timeout: statementMs + connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'masque-vpn',
    types: { getTypeParser },
  };
}

/**
 * Reads a file that has to be there now, and again at every call. Later the last password goes on where it cannot be
 * read: `pg` leaves a connection hanging whose password is refused to it.
 */
async function passwordReader(file: string): Promise<() => Promise<string>> {
  const read = async (): Promise<string> => (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  let last = await read();
  return async () => {
    last = await read().catch(() => last);
    return last;
  };
}

async function tlsOptions(tls: PostgresTls): Promise<ConnectionOptions | false> {
  if (tls.mode === 'disable') return false;
  const { rootCertificateFile, certificateFile, keyFile } = tls;
  return {
    rejectUnauthorized: tls.mode !== 'require',
    ...(tls.mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(rootCertificateFile === null ? {} : { ca: await readFile(rootCertificateFile, 'utf8') }),
    ...(certificateFile === null ? {} : { cert: await readFile(certificateFile, 'utf8') }),
    ...(keyFile === null ? {} : { key: await readFile(keyFile, 'utf8') }),
  };
}

/** Type numbers of PostgreSQL's catalogue: bigint, and what sums of it are. */
const wholeNumberTypes: readonly number[] = [20, 1700];

/** As numbers, as SQLite gives them; everything else as `pg` does. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (wholeNumberTypes.includes(oid)) return wholeNumber;
  const parserOf: (oid: number, format: 'text' | 'binary') => unknown = types.getTypeParser;
  return parserOf(oid, format ?? 'text') as (text: string) => unknown;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} in the database is no safe integer`);
  return value;
}
