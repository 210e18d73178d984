import { DatabaseError } from 'pg';
import { StoreError, type StoreErrorCode } from './storeError.js';

/** The transaction met another one and was rolled back: doing it again helps. */
export class TransactionConflict extends StoreError {}

/**
 * The stable code and the advice for what PostgreSQL or the way to it reported.
 *
 * @param where the address, without its password
 */
export function storeErrorOfPostgres(error: unknown, where: string): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? reasonOf(error) : String(error);
  const state = error instanceof DatabaseError ? (error.code ?? '') : '';
  if (state === '40001' || state === '40P01') {
    return new TransactionConflict('STORE_BUSY', `changes met in the database ${where}. Try again.`);
  }
  const known = failures.find(({ pattern }) => pattern.test(state)) ?? unreachable;
  const detail = state === '' ? message : `${message}, SQLSTATE ${state}`;
  return new StoreError(known.code, `${known.what} ${where} (${detail}). ${known.advice}`);
}

/** Whether the connection can be used no more. */
export function endsConnection(error: unknown): boolean {
  return !(error instanceof DatabaseError) || /^(08|57P|25P03)/.test(error.code ?? '');
}

/** Several addresses of one name fail as one error without words. */
function reasonOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors
    .map((each: unknown) => (each instanceof Error ? each.message : String(each)))
    .join('; ');
}

interface PostgresFailure {
  /** Of the SQLSTATE; empty where the failure is not PostgreSQL's. */
  readonly pattern: RegExp;
  readonly code: StoreErrorCode;
  readonly what: string;
  readonly advice: string;
}

const unreachable: PostgresFailure = {
  pattern: /^$/,
  code: 'STORE_UNAVAILABLE',
  what: 'cannot reach the database',
  advice:
    'Check that PostgreSQL runs there, that this machine may connect, and that user, password and TLS are right.',
};

/** First match wins. */
const failures: readonly PostgresFailure[] = [
  {
    pattern: /^(53100|53400)/,
    code: 'STORE_FULL',
    what: 'no space left for the database',
    advice: 'Free some disk space on the machine of PostgreSQL; the server goes on by itself.',
  },
  {
    pattern: /^(XX001|XX002)/,
    code: 'STORE_CORRUPT',
    what: 'the database is damaged:',
    advice: 'Restore it from a backup.',
  },
  {
    pattern: /^(57014|55P03|25P03)/,
    code: 'STORE_BUSY',
    what: 'a query took too long in the database',
    advice: 'PostgreSQL is too slow for this load, or something holds a lock.',
  },
  {
    pattern: /^25006/,
    code: 'STORE_UNAVAILABLE',
    what: 'nothing can be written to the database',
    advice: 'It is read-only, as a standby is: let store.url lead to the primary.',
  },
  {
    pattern: /^42501/,
    code: 'STORE_UNAVAILABLE',
    what: 'this user may not use the database',
    advice: 'Let the user own the database, or: GRANT ALL ON SCHEMA public TO the user.',
  },
  { ...unreachable, pattern: /^($|08|28|3D|53|57|58)/ },
  {
    pattern: /^/,
    code: 'STORE_QUERY_FAILED',
    what: 'a query failed on the database',
    advice: 'This is a bug of masque-vpn: please report it.',
  },
];
