import { sql } from 'drizzle-orm';
import type { Catalog } from '../../src/domain/catalog/plan.ts';
import type { Database } from '../../src/infra/database/db.ts';
import { breaches, type InvariantName, invariants } from '../../src/infra/tables/books/invariants.ts';

const everyBucket = Array.from({ length: 256 }, (_, bucket) => bucket);

/** What does not add up in our own books, whatever Xendit says: what `dueday verify` finds, and what is counted here by another hand. */
export async function bookFaults(db: Database, { coupons }: Catalog): Promise<readonly string[]> {
  const counted = await db.run<{ what: string; id: string }>(sql.join(queries, sql` union all `));
  const uses = await db.run<{ code: string; taken: number }>(
    sql`select code, count(*)::int as taken from coupon_uses where given_back_at is null group by code`,
  );
  const overused = uses.filter(({ code, taken }) => taken > (coupons.get(code)?.maxUses ?? Number.POSITIVE_INFINITY));
  return [
    ...(await verified(db)),
    ...counted.map(({ what, id }) => `${what}: ${id}`),
    ...overused.map(({ code, taken }) => `coupon ${code} was taken ${taken} times`),
  ];
}

async function verified(db: Database): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const name of Object.keys(invariants) as readonly InvariantName[]) {
    const { first } = await breaches(db, name, everyBucket, 20);
    faults.push(
      ...first.map(({ subscription_id: id, what }) => `the books break their promise "${name}": ${id}, ${what}`),
    );
  }
  return faults;
}

const queries = [
  // Each cycle is collected exactly once, or somebody wrote down why it is not.
  sql`select 'charge is ' || c.status || ', and nothing says why' as what, c.id::text as id from charges c
    where c.status in ('void', 'held', 'uncollectible') and not exists (select from ledger l
      where l.bucket = c.bucket and l.subscription_id = c.subscription_id and l.charge_id = c.id and l.why <> '')`,
  sql`select 'charge is paid with ' || c.collected || ' of ' || c.amount, c.id::text from charges c
    where c.status = 'paid' and c.collected <> c.amount`,
  sql`select 'charge is ' || c.status || ', and collected ' || c.collected, c.id::text from charges c
    where c.status not in ('paid', 'partially_refunded', 'refunded') and c.collected <> 0`,
  // What a charge of the plan alone comes to is what was agreed for its cycle.
  sql`select 'charge of ' || c.amount || ' for which ' || agreed.amount || ' was agreed', c.id::text from charges c
    join subscriptions s on s.bucket = c.bucket and s.id = c.subscription_id
    cross join lateral (select coalesce((select t.amount from terms t where t.bucket = c.bucket
        and t.subscription_id = c.subscription_id and t.from_cycle <= c.cycle and t.agreed_at <= c.created_at
        and (t.withdrawn_at is null or t.withdrawn_at > c.created_at)
      order by t.from_cycle desc, t.number desc limit 1), case when not exists (select from terms t where t.bucket = c.bucket
        and t.subscription_id = c.subscription_id) then s.amount end) as amount) agreed
    where c.cycle is not null and c.lines is null and c.amount <> agreed.amount`,
  sql`select 'the credit is ' || s.credit, s.id::text from subscriptions s where s.credit < 0`,
];
