import { sql } from 'drizzle-orm';
import { putInForce } from '../src/infra/tables/catalog/catalog-versions.ts';
import { subscribeMany } from '../test/support/many.ts';
import { runCommand } from './command.ts';
import { openStage } from './stage.ts';

/*
 * How long `dueday forecast` takes on a live book, and how much memory: `npm run bench:forecast -- 84000`. Twelve months of so many monthly
 * subscriptions, a million charges. They begin on 28 days of a month; a third of them has a tax, a quarter a coupon, a tenth a quantity.
 */

const count = Number(process.argv[2] ?? 84_000);
const stage = await openStage(process.env.DATABASE_URL);
try {
  const { ctx } = stage;
  const to = ctx.catalog.current.version;
  await putInForce(ctx.db, { from: null, to, shown: null, actor: 'bench', reason: null, at: await ctx.clock.now() });
  await subscribeMany(ctx, count);
  // A bench is nobody's data: the row of a subscription is all that is looked at.
  await ctx.db.run(sql`update subscriptions set anchor = anchor + abs(hashtext(id::text)) % 28, next_cycle = 0,
    next_cycle_at = next_cycle_at + abs(hashtext(id::text)) % 28 * interval '1 day',
    plan = case abs(hashtext(id::text)) % 3 when 0 then 'lined' else plan end,
    quantity = case abs(hashtext(id::text)) % 10 when 0 then 3 else 1 end,
    coupon = case abs(hashtext(id::text)) % 4 when 0 then '{"code": "TENTH", "percent": 10, "cycles": null, "amount": null}'::jsonb end`);
  await ctx.db.run(sql`analyze subscriptions`);
  const { stdout, words } = runCommand(stage, 'forecast', '--json');
  const { run } = JSON.parse(stdout) as { run: { subscriptions: number; charges: number; seconds: number } };
  console.log(
    `${run.subscriptions} subscriptions, ${run.charges} charges: ${run.seconds} s without the start; with it ${words}`,
  );
} finally {
  await stage.close();
}
