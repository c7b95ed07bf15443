import { desc, eq } from 'drizzle-orm';
import type { RepricingState } from '../../../domain/subscriptions/repricing/repricing.ts';
import { listed } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { repricings } from '../schema/terms.ts';
import type { RepricingRow } from '../schema/terms-columns.ts';

export type NewRepricing = Omit<RepricingRow, 'number' | 'state' | 'endedAt'>;

/** Writes a repricing down with all whom it is about, or nothing; null: another one of the plan runs, or one of another plan took its number at the same instant. */
export async function storeRepricing(
  db: Database,
  repricing: NewRepricing,
  ids: readonly string[],
): Promise<number | null> {
  const { plan, toVersion, filter, most, actor, reason, draftedAt } = repricing;
  const rows = await db.run<{ number: number }>(sql`with drafted as (
      insert into repricings (number, plan, to_version, filter, most, state, actor, reason, drafted_at)
      select coalesce(max(r.number), 0) + 1, ${plan}, ${toVersion}::int, ${JSON.stringify(filter)}::jsonb, ${most}::int, 'running',
        ${actor}, ${reason}, ${draftedAt.toString()}::timestamptz
      from repricings r having not exists (select from repricings o where o.plan = ${plan} and o.state = 'running')
      on conflict do nothing returning number),
    about as (insert into repricing_items (bucket, subscription_id, repricing, state)
      select n.bucket, n.id, d.number, 'waiting' from drafted d cross join ${listed('n', ids)})
    select d.number from drafted d`);
  return rows[0]?.number ?? null;
}

/** Those that are worked on, the earliest first. */
export async function runningRepricings(db: Database): Promise<readonly RepricingRow[]> {
  return await db.drizzle.select().from(repricings).where(eq(repricings.state, 'running')).orderBy(repricings.number);
}

/** The price that each repricing moves to, once. */
export async function repricingTargets(db: Database): Promise<readonly Pick<RepricingRow, 'plan' | 'toVersion'>[]> {
  return await db.drizzle.selectDistinct({ plan: repricings.plan, toVersion: repricings.toVersion }).from(repricings);
}

/** One of them, or the last one; null: there is none. */
export async function repricingOf(db: Database, number: number | null): Promise<RepricingRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(repricings)
    .where(number === null ? undefined : eq(repricings.number, number))
    .orderBy(desc(repricings.number))
    .limit(1);
  return row ?? null;
}

/** Ends a repricing of which nobody waits any more; false: somebody does, or it does not run. */
export async function endRepricing(db: Database, number: number, now: Temporal.Instant): Promise<boolean> {
  const rows = await db.run(sql`update repricings r set state = 'done', ended_at = ${now.toString()}::timestamptz
    where r.number = ${number}::int and r.state = 'running'
      and not exists (select from repricing_items i where i.repricing = r.number and i.state = 'waiting')
    returning r.number`);
  return rows.length > 0;
}

/** Stops a repricing that runs, or lets one go on that was stopped; false: it was in another state, or another one of its plan came after it. */
export async function moveRepricing(
  db: Database,
  number: number,
  from: RepricingState,
  to: RepricingState,
): Promise<boolean> {
  const rows =
    await db.run(sql`update repricings r set state = ${to} where r.number = ${number}::int and r.state = ${from}
      and not exists (select from repricings n where n.plan = r.plan and n.number > r.number)
    returning r.number`);
  return rows.length > 0;
}
