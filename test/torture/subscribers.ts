import { sql } from 'drizzle-orm';
import type { World } from '../support/world.ts';

/**
 * Active subscribers, three cards and a wallet in turn, whose first cycles fall due one after the other, so many
 * milliseconds apart, from now on by the database's clock. `prefix` tells several batches apart.
 */
export async function subscribers(world: World, count: number, apartMs: number, prefix = ''): Promise<void> {
  const { ctx } = world;
  const rows = Array.from({ length: count }, (_, n) => {
    const bucket = ctx.newBucket();
    const [customer, token, id] = [ctx.newId(bucket), ctx.newId(bucket), ctx.newId(bucket)];
    return { n, bucket, customer, token, id, channel: n % 4 === 3 ? 'OVO' : 'CARDS' };
  });
  await world.ask(sql`with i as (
      select *, date_trunc('milliseconds', now()) + n * ${apartMs}::float8 * interval '1 millisecond' as due
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as i(n int, bucket smallint, customer uuid, token uuid, id uuid, channel text)),
    c as (insert into customers (bucket, id, reference_id, xendit_id, created_at)
      select bucket, customer, ${prefix}::text || 'customer-' || n, ${prefix}::text || 'cust-' || n, now() from i),
    t as (insert into tokens (bucket, id, customer_id, token_id, channel_code, country, currency, status,
        recurring_frequency, recurring_expiry, saved_at)
      select bucket, token, customer, 'pt-' || token, channel, 'ID', 'IDR', 'active', 1, '2090-01-01', now() from i)
    insert into subscriptions (bucket, id, customer_id, reference_id, status, plan, catalog_version, amount, currency,
      country, interval_count, interval_unit, time_zone, charge_at, anchor, next_cycle_at, token_id, success_return_url,
      cancel_return_url, created_at, ledger_seq, ledger_head)
    select bucket, id, customer, ${prefix}::text || 'order-' || n, 'active', 'monthly', ${ctx.catalog.current.version}::int, 150000, 'IDR',
      'ID', 1, 'month', 'Asia/Jakarta', '09:00', (due at time zone 'Asia/Jakarta')::date, due, token,
      'https://example.com/thanks', 'https://example.com/pay', now(), 0, repeat('0', 64) from i`);
}
