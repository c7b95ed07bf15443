import { setTimeout as pause } from 'node:timers/promises';
import type { Sql, TransactionSql } from 'postgres';
import type { Passing } from '../failpoints.ts';
import { isHeldByAnother, tablesHeld } from './migration-lock.ts';
import { codeOf, type Migration } from './migrations.ts';

/** How long others may have to wait behind a migration that waits. */
const WAITED_BEHIND_MS = 2_000;
const BETWEEN_TRIES_MS = 1_000;

/**
 * Applies migrations in their order. Those between two stepwise ones are one transaction: all of them or none. A stepwise one
 * goes statement by statement, each in a transaction of its own, so that no lock outlasts its statement.
 */
export async function applyMigrations(
  client: Sql,
  pending: readonly Migration[],
  patienceMs: number,
  passing?: Passing,
): Promise<void> {
  await client`create schema if not exists drizzle`;
  // As drizzle's own migrator makes it: the versions before this one had that do it.
  await client`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  for (const group of groupsOf(pending)) {
    const [stepwise] = group.filter(({ isStepwise }) => isStepwise);
    const apply =
      stepwise === undefined
        ? () => asOne(client, group, patienceMs, passing)
        : stepByStep(client, stepwise, patienceMs, passing);
    await untilFree(client, patienceMs, apply);
  }
}

/** Other replicas are at work on these tables: whoever waits for one makes all wait who come after. */
async function waitAtMost(client: Sql, milliseconds: number): Promise<void> {
  await client`select set_config('lock_timeout', ${`${milliseconds}ms`}, false)`;
}

/** Each stepwise migration by itself, and what lies between them together. */
function groupsOf(pending: readonly Migration[]): readonly (readonly Migration[])[] {
  const groups: Migration[][] = [];
  for (const migration of pending) {
    const last = groups.at(-1);
    if (last === undefined || migration.isStepwise || last.some(({ isStepwise }) => isStepwise))
      groups.push([migration]);
    else last.push(migration);
  }
  return groups;
}

async function asOne(client: Sql, group: readonly Migration[], patienceMs: number, passing?: Passing): Promise<void> {
  await waitAtMost(client, Math.min(patienceMs, WAITED_BEHIND_MS));
  await client.begin(async (transaction) => {
    for (const migration of group) {
      for (const statement of migration.statements) await transaction.unsafe(statement);
      await note(transaction, migration, passing);
    }
  });
}

/** What works beside those who write. An index waits for each older transaction, whatever that reads, and keeps nobody waiting meanwhile. */
const BESIDE_OTHERS = /\b(CONCURRENTLY|VALIDATE CONSTRAINT)\b/;

/**
 * A try goes on with the statement that the try before gave up. Each statement may be repeated all the same: the next start begins
 * with the first.
 */
function stepByStep(client: Sql, migration: Migration, patienceMs: number, passing?: Passing): () => Promise<void> {
  const left = [...migration.statements];
  return async () => {
    // A user's limit on a statement is for those that others wait for; an index that is built beside them takes its time.
    await client`select set_config('statement_timeout', '0', false)`;
    for (let [next] = left; next !== undefined; [next] = left) {
      await waitAtMost(client, BESIDE_OTHERS.test(next) ? patienceMs : Math.min(patienceMs, WAITED_BEHIND_MS));
      await client.unsafe(next);
      left.shift();
    }
    await note(client, migration, passing);
  };
}

async function note(client: Sql | TransactionSql, { hash, when }: Migration, passing?: Passing): Promise<void> {
  passing?.('between-migrations');
  await client`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${when})`;
}

async function untilFree(client: Sql, patienceMs: number, apply: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await apply();
    } catch (error) {
      if (!isHeldByAnother(codeOf(error))) throw error;
      if (performance.now() >= deadline) throw await tablesHeld(client);
      await pause(BETWEEN_TRIES_MS);
    }
  }
}
