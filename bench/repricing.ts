import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { withCatalogInForce } from '../src/flows/catalog/follow-catalog.ts';
import { draftRepricing } from '../src/flows/edits/repricing/draft-repricing.ts';
import { repricingStatus } from '../src/flows/edits/repricing/repricing-status.ts';
import { workRepricings } from '../src/flows/edits/repricing/work-repricings.ts';
import { putInForce, storeCatalog } from '../src/infra/tables/catalog/catalog-versions.ts';
import { subscribeMany } from '../test/support/many.ts';
import { openStage, secondsOf } from './stage.ts';

/*
 * How long `dueday catalog reprice` takes: to judge and write down whom it is about, and to move them all. `npm run bench:repricing -- 10000`.
 */

const count = Number(process.argv[2] ?? 10_000);
const stage = await openStage(process.env.DATABASE_URL);
try {
  const { ctx, directory } = stage;
  const at = await ctx.clock.now();
  const from = ctx.catalog.current.version;
  const apply = { shown: null, actor: 'bench', reason: null, at };
  await putInForce(ctx.db, { ...apply, from: null, to: from });
  await subscribeMany(ctx, count);
  // Amid their first period: what falls due is opened by whoever comes by, and is no part of this.
  await ctx.db.run(sql`update subscriptions set next_cycle_at = next_cycle_at + interval '1 month', next_cycle = 1`);
  const dearer = readFileSync(join(directory, 'catalog.yaml'), 'utf8').replace('150000', '175000');
  const to = await storeCatalog(ctx.db, 'dearer', dearer, at);
  await putInForce(ctx.db, { ...apply, from, to });
  await withCatalogInForce(ctx);
  const [plan = ''] = [...ctx.catalog.current.plans.keys()];
  const input = { plan, toVersion: to, filter: [], most: null, isDryRun: false, actor: 'bench', reason: null };
  const drafted = await secondsOf(async () => void (await draftRepricing(ctx, input)));
  const worked = await secondsOf(async () => await workRepricings(ctx));
  const status = await repricingStatus(ctx, { number: null, state: null, limit: 1 });
  console.log(`${count} subscriptions: ${JSON.stringify(status?.by_state)}`);
  console.log(`written down in ${drafted.toFixed(1)} s, moved in ${worked.toFixed(1)} s`);
} finally {
  await stage.close();
}
