import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import type { Database } from './db.ts';
import { sql } from './sql.ts';

export type Migration = {
  readonly tag: string;
  readonly when: number;
  readonly hash: string;
  readonly expands: boolean;
  /** Applied statement by statement, outside of a transaction. */
  readonly isStepwise: boolean;
  readonly statements: readonly string[];
};
export type Applied = Pick<Migration, 'when' | 'hash'> & { readonly expands: boolean };

/**
 * The first words of a migration with which an older dueday can go on working: it only adds what may be left alone
 * (tables, indexes, columns that are nullable or have a default). Every other one needs that no older dueday runs.
 */
const EXPANDS = '-- expands';

/**
 * The first words of a migration whose statements are applied one by one, and may each be repeated. So a large table is locked for
 * no longer than a statement takes, an index is built beside those who write (`concurrently`, which no transaction allows), and a
 * constraint that was added as NOT VALID is validated under a lock that stops nobody.
 */
const STEPWISE = '-- expands, statement by statement';
const BREAKPOINT = '--> statement-breakpoint';

/** The migrations of a folder, in the order of its journal. */
export function migrationsIn(folder: string): readonly Migration[] {
  const journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as {
    readonly entries: readonly { readonly tag: string; readonly when: number }[];
  };
  return journal.entries.map(({ tag, when }) => {
    const text = readFileSync(join(folder, `${tag}.sql`), 'utf8');
    return {
      tag,
      when,
      hash: createHash('sha256').update(text).digest('hex'),
      expands: text.startsWith(EXPANDS),
      isStepwise: text.startsWith(STEPWISE),
      statements: text.split(BREAKPOINT),
    };
  });
}

const TABLES = `select to_regclass('drizzle.__drizzle_migrations') is not null as applied,
  to_regclass('drizzle.expanding') is not null as expanding`;

type Tables = { readonly applied: boolean; readonly expanding: boolean };

function rowsOf({ expanding }: Tables): string {
  const expands = expanding ? 'exists (select from drizzle.expanding e where e.created_at = m.created_at)' : 'false';
  return `select created_at::float8 as when, hash, ${expands} as expands from drizzle.__drizzle_migrations m order by created_at`;
}

/** What a database has applied, oldest first; over a bare connection, or the pool. */
export async function appliedTo(client: Sql): Promise<readonly Applied[]> {
  const [tables] = await client.unsafe<Tables[]>(TABLES);
  return tables?.applied === true ? await client.unsafe<Applied[]>(rowsOf(tables)) : [];
}

export async function appliedThrough(db: Database): Promise<readonly Applied[]> {
  const [tables] = await db.run<Tables>(sql.raw(TABLES));
  return tables?.applied === true ? await db.run<Applied>(sql.raw(rowsOf(tables))) : [];
}

/** What the server called an error; null for one of our own. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
