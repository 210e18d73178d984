import { sql, type Kysely } from 'kysely';
import type { Database } from './schema.js';

/**
 * Adds to a number among the settings and returns what it is then. Takes the row's lock: whoever counts the same
 * in another transaction waits for this one to end.
 */
export async function countUp(database: Kysely<Database>, key: string, by = 1): Promise<number> {
  const sum = sql<string>`cast(cast(settings.value as bigint) + ${sql.lit(by)} as text)`;
  const row = await database
    .insertInto('settings')
    .values({ key, value: String(by) })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: sum }))
    .returning('value')
    .executeTakeFirstOrThrow();
  return Number(row.value);
}

/** A number that no rule or port forward ever had: what the engine calls it. */
export function nextRuleNumber(database: Kysely<Database>): Promise<number> {
  return countUp(database, 'policy.last_number');
}

/** The number as it is; 0 when nobody counted. */
export async function readCount(database: Kysely<Database>, key: string): Promise<number> {
  const row = await database.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
  return Number(row?.value ?? 0);
}
