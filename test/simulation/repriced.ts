import { sql } from 'drizzle-orm';
import type { Database } from '../../src/infra/database/db.ts';
import { rises, STAGED } from './editions.ts';
import type { Stop } from './stages.ts';

const MINUTE = 60_000;
/** What was under way when a repricing was stopped is finished, by a process that stands still for long. */
const FINISHED = 15 * MINUTE;
/** A daemon looks for notices that are owed each hour, and here some hours apart. */
const TOLD = '8 hours';

export type Repriced = {
  readonly db: Database;
  readonly version: number;
  readonly stops: readonly Stop[];
  /** It took what was answered. */
  readonly failedOver: boolean;
};

/** Whoever a repricing moved was moved once, as many as were wanted and nobody else, and never while it stood still. */
export async function repricedFaults({ db, version, stops, failedOver }: Repriced): Promise<readonly string[]> {
  const rows = await db.run<{ what: string; id: string }>(sql.join(queries(version), sql` union all `));
  return [
    ...rows.map(({ what, id }) => `${what}: ${id}`),
    ...(failedOver ? [] : (await Promise.all(stops.map((stop) => movedIn(db, stop)))).flat()),
  ];
}

async function movedIn(db: Database, { repricing, from, until }: Stop): Promise<readonly string[]> {
  const at = (ms: number) => sql`to_timestamp(${ms / 1_000}::float8)`;
  const rows = await db.run<{ id: string }>(sql`select subscription_id as id from repricing_items
    where repricing = ${repricing}::int and state = 'done' and decided_at > ${at(from + FINISHED)}
      and (${until === Infinity} or decided_at < ${at(until === Infinity ? 0 : until)})`);
  return rows.map(({ id }) => `repricing ${repricing} was stopped, and moved ${id} all the same`);
}

const planned = sql`select l.subscription_id, (l.detail::jsonb->>'repricing')::int as repricing, count(*)::int as times
  from ledger l where l.kind = 'subscription.change_planned' and l.detail::jsonb ? 'repricing' group by 1, 2`;

/** Of the price of the staged plan, and of those that hold by themselves. */
function queries(version: number) {
  const old = sql.join(
    rises.map(({ plan, before }) => sql`(${plan}, ${before}::bigint)`),
    sql`, `,
  );
  return [
    sql`select 'moved by repricing ' || i.repricing || ' and written down ' || coalesce(p.times, 0) || ' times' as what,
        i.subscription_id::text as id
      from repricing_items i left join (${planned}) p on p.subscription_id = i.subscription_id and p.repricing = i.repricing
      where i.state = 'done' and coalesce(p.times, 0) <> 1`,
    sql`select 'written down as moved by repricing ' || p.repricing || ' without being of it', p.subscription_id::text
      from (${planned}) p where not exists (select from repricing_items i
        where i.subscription_id = p.subscription_id and i.repricing = p.repricing and i.state = 'done')`,
    sql`select 'moved to one price by ' || count(*) || ' repricings', i.subscription_id::text
      from repricing_items i join repricings r on r.number = i.repricing
      where i.state = 'done' group by i.subscription_id, r.to_version having count(*) > 1`,
    sql`select 'more are moved than the ' || r.most || ' of its limit', r.number::text
      from repricings r join repricing_items i on i.repricing = r.number and i.state = 'done'
      group by r.number, r.most having count(*) > r.most`,
    sql`select 'moved although the filter is ' || f.one, i.subscription_id::text
      from repricings r cross join lateral jsonb_array_elements_text(r.filter) as f(one)
      join repricing_items i on i.repricing = r.number and i.state = 'done'
      join subscriptions s on s.bucket = i.bucket and s.id = i.subscription_id
      where f.one like 'metadata.cohort=%' and s.metadata->>'cohort' is distinct from split_part(f.one, '=', 2)`,
    sql`select 'the repricing is ' || r.state || ', and somebody waits', r.number::text from repricings r
      where r.state <> 'stopped' and exists (select from repricing_items i where i.repricing = r.number and i.state = 'waiting')`,
    sql`select 'the repricing has nobody left, and goes on', r.number::text from repricings r where r.state = 'running'
      and not exists (select from repricing_items i where i.repricing = r.number and i.state = 'waiting')`,
    // Told in time: these plans are charged every few days, and a notice that is owed is told of a week before it has to be sent.
    sql`select 'nobody was told that a notice is owed', s.id::text from subscriptions s
      join (values ${old}) as old (plan, amount) on old.plan = s.plan and old.amount * s.quantity = s.amount
      where s.status in ('active', 'past_due') and s.terms = 0 and s.changes = 0 and not s.cancels_at_period_end
        and s.next_cycle > 0 and s.next_terms_from is null
        and (s.plan <> ${STAGED} or exists (select from repricing_items i where i.subscription_id = s.id and i.state = 'done'
          and i.decided_at < simulated.now() - ${TOLD}::interval))
        and s.activated_at < simulated.now() - ${TOLD}::interval
        and exists (select from catalog_applies a where a.to_version = ${version}::int)
        and not exists (select from notices n where n.subscription_id = s.id and n.subject = ${String(version)})
        and not exists (select from owed_notices o where o.subscription_id = s.id and o.subject = ${String(version)})`,
  ];
}

export async function countRepriced(db: Database): Promise<number> {
  const [row] = await db.run<{ n: number }>(sql`select count(*)::int as n from repricing_items where state = 'done'`);
  return row?.n ?? 0;
}
