import { desc, eq } from 'drizzle-orm';
import { listed } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { repricings } from '../schema/terms.ts';
import type { RepricingRow } from '../schema/terms-columns.ts';

export type NewRepricing = Omit<RepricingRow, 'number' | 'state' | 'endedAt' | 'resumedAt'>;

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

/** Those that somebody stopped, and that no other of their plan came after. */
export async function stoppedRepricings(db: Database): Promise<readonly RepricingRow[]> {
  const rows = await db.drizzle
    .selectDistinctOn([repricings.plan])
    .from(repricings)
    .orderBy(repricings.plan, desc(repricings.number));
  return rows.filter(({ state }) => state === 'stopped');
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

/**
 * Ends a repricing of which nobody waits any more; false: somebody does, or it does not run. Whoever resumed it meanwhile has some wait again,
 * which this statement need not see: so it ends the one alone that was seen to run.
 */
export async function endRepricing(
  db: Database,
  { number, resumedAt }: RepricingRow,
  now: Temporal.Instant,
): Promise<boolean> {
  const rows = await db.run(sql`update repricings r set state = 'done', ended_at = ${now.toString()}::timestamptz
    where r.number = ${number}::int and r.state = 'running' and r.resumed_at is not distinct from ${resumedAt?.toString() ?? null}::timestamptz
      and not exists (select from repricing_items i where i.repricing = r.number and i.state = 'waiting')
    returning r.number`);
  return rows.length > 0;
}

/** Stops a repricing that runs; false: it does not. */
export async function stopRunning(db: Database, number: number): Promise<boolean> {
  const rows =
    await db.run(sql`update repricings r set state = 'stopped' where r.number = ${number}::int and r.state = 'running'
    returning r.number`);
  return rows.length > 0;
}

/**
 * Lets a repricing go on that was stopped, or that ended with some set apart: these wait for their turn again. False: it is neither, or
 * another one of its plan came after it.
 */
export async function goOn(db: Database, number: number, now: Temporal.Instant): Promise<boolean> {
  const rows = await db.run(sql`with resumed as materialized (
      update repricings r set state = 'running', ended_at = null, resumed_at = ${now.toString()}::timestamptz
      where r.number = ${number}::int and not exists (select from repricings n where n.plan = r.plan and n.number > r.number)
        and (r.state = 'stopped' or r.state = 'done' and exists (select from repricing_items f where f.repricing = r.number and f.state = 'failed'))
      returning r.number),
    again as (update repricing_items i set state = 'waiting', why = null, decided_at = null
      from resumed d where i.repricing = d.number and i.state = 'failed')
    select d.number from resumed d`);
  return rows.length > 0;
}

export type SetApart = {
  readonly number: number;
  readonly plan: string;
  readonly count: number;
  /** When the first of them was. */
  readonly since: string;
};

/** Repricings with subscriptions that could not be worked on, and whose plan was not repriced again since. */
export async function setApart(db: Database): Promise<readonly SetApart[]> {
  return await db.run<SetApart>(sql`select r.number, r.plan, count(*)::int as count,
      to_char(min(i.decided_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
    from repricings r join repricing_items i on i.repricing = r.number and i.state = 'failed'
    where not exists (select from repricings n where n.plan = r.plan and n.number > r.number)
    group by r.number, r.plan order by r.number`);
}
