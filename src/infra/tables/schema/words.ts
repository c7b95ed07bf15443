import { type Column, type SQL, sql } from 'drizzle-orm';

/** The condition of a CHECK: the column holds one of these words, which are names of our own and no values of anybody. */
export function isOneOf(column: Column, words: readonly string[]): SQL {
  return sql`${column} in (${sql.raw(words.map((word) => `'${word}'`).join(', '))})`;
}
