import { sql } from 'drizzle-orm';
import type { Context } from '../../src/context.ts';

/** Active subscriptions whose first cycle falls due now, each with a card: written straight, since there are many. */
export async function subscribeMany(ctx: Context, count: number, plan = 'm'): Promise<void> {
  const now = (await ctx.clock.now()).toString();
  const ids = Array.from({ length: count }, (_, index) => {
    const bucket = index % 256;
    const token = ctx.newId(bucket);
    const method = ctx.db.vault.index(`pt-${token}`);
    return { bucket, customer: ctx.newId(bucket), token, method, id: ctx.newId(bucket), n: index };
  });
  for (let from = 0; from < count; from += 5_000) {
    await ctx.db.run(sql`with i as (select * from jsonb_to_recordset(${JSON.stringify(ids.slice(from, from + 5_000))}::jsonb)
        as i(bucket smallint, customer uuid, token uuid, method text, id uuid, n int)),
      c as (insert into customers (bucket, id, reference_id, xendit_id, created_at)
        select bucket, customer, 'c' || n, 'cust-' || n, ${now}::timestamptz from i),
      t as (insert into tokens (bucket, id, customer_id, token_id, token_index, channel_code, country, currency, status, recurring_frequency, recurring_expiry, saved_at)
        select bucket, token, customer, 'pt-' || token, method, 'CARDS', 'ID', 'IDR', 'active', 1, '2040-01-01', ${now}::timestamptz from i)
      insert into subscriptions (bucket, id, customer_id, reference_id, status, plan, catalog_version, amount, currency, country, interval_count,
        interval_unit, time_zone, charge_at, anchor, next_cycle_at, token_id, success_return_url, cancel_return_url, created_at, ledger_seq, ledger_head)
      select bucket, id, customer, 's' || n, 'active', ${plan}, 1, 150000, 'IDR', 'ID', 1, 'month', 'Asia/Jakarta', '09:00',
        (${now}::timestamptz at time zone 'Asia/Jakarta')::date, ${now}::timestamptz, token, 'https://example.com/a', 'https://example.com/b',
        ${now}::timestamptz, 0, repeat('0', 64) from i`);
  }
}
