import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { putInForce } from '../src/infra/tables/catalog/catalog-versions.ts';
import { subscribeMany } from '../test/support/many.ts';
import { runCommand } from './command.ts';
import { openStage } from './stage.ts';

/*
 * How long `dueday catalog diff` and `catalog apply` take on a live book, and how much memory: `npm run bench:catalog -- 100000`. Nine
 * tenths of the subscriptions pay the plan's price, and a tenth a price of their own, a thousand different ones.
 */

const count = Number(process.argv[2] ?? 100_000);
const stage = await openStage(process.env.DATABASE_URL);
try {
  const { ctx, directory } = stage;
  const to = ctx.catalog.current.version;
  await putInForce(ctx.db, { from: null, to, shown: null, actor: 'bench', reason: null, at: await ctx.clock.now() });
  await subscribeMany(ctx, count);
  // A bench is nobody's data: the row of a subscription is all that is looked at.
  await ctx.db.run(sql`update subscriptions set amount = 1000 + abs(hashtext(id::text)) % 1000,
    next_cycle_at = next_cycle_at + interval '1 month', next_cycle = 1 where abs(hashtext(id::text)) % 10 = 0`);
  await ctx.db.run(sql`analyze subscriptions`);
  const file = join(directory, 'edited.yaml');
  const plain = readFileSync(join(directory, 'catalog.yaml'), 'utf8');
  writeFileSync(
    file,
    plain.replace('150000', '175000').replace('interval: 1 month', 'interval: 1 month, price_change: next_cycle'),
  );
  const diff = runCommand(stage, 'catalog', 'diff', '--file', file, '--json');
  const { digest, plans } = JSON.parse(diff.stdout) as {
    digest: string;
    plans: { subscriptions: number; kept: number }[];
  };
  const apply = runCommand(stage, 'catalog', 'apply', '--file', file, '--digest', digest);
  const [plan] = plans;
  console.log(`${count} subscriptions: ${plan?.subscriptions} touched, ${plan?.kept} kept`);
  console.log(`diff ${diff.words}\napply ${apply.words}`);
} finally {
  await stage.close();
}
