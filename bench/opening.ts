import { sql } from 'drizzle-orm';
import { openCharges } from '../src/flows/due-date/open-charges.ts';
import { subscribeMany } from '../test/support/many.ts';
import { serverCpu } from './server-cpu.ts';
import { openStage, type Stage, secondsOf } from './stage.ts';
import { median } from './verdict.ts';

const USAGE = `npm run bench:opening -- 20000   what it costs to open that many cycles that fall due at one instant: of a plan alone, with lines,
                                 a coupon, tax and credit, and with an item beside these that waited for it, by turns`;

const ROUNDS = 5;

type Cost = { readonly seconds: number; readonly cpuSeconds: number };

const books = ['of a plan alone', 'with lines, coupon, tax and credit', 'with these, and an item that waited'] as const;
type Book = (typeof books)[number];

/** What opening the cycles of new subscriptions costs: of this process and of its Postgres. */
async function costOfOpening(count: number, book: Book): Promise<Cost> {
  const stage = await openStage(undefined);
  const { ctx, directory } = stage;
  await subscribeMany(ctx, count, book === 'of a plan alone' ? 'm' : 'lined');
  if (book !== 'of a plan alone') await bringCouponAndCredit(stage);
  if (book === 'with these, and an item that waited') await bringItems(stage);
  const [own, server] = [process.cpuUsage(), serverCpu(directory)];
  const seconds = await secondsOf(async () => await openCharges(ctx, await ctx.clock.now()));
  const { user, system } = process.cpuUsage(own);
  const cpuSeconds = (user + system) / 1e6 + (serverCpu(directory) - server) / 1e3;
  await stage.close();
  return { seconds, cpuSeconds };
}

/** The coupon is for some of its cycles, so that they are counted. The plan has the tax. */
async function bringCouponAndCredit({ ctx }: Stage): Promise<void> {
  await ctx.db.run(sql`update subscriptions set credit = 10000,
    coupon = '{"code": "HALF", "percent": 50, "amount": null, "cycles": 3}'::jsonb`);
}

async function bringItems({ ctx }: Stage): Promise<void> {
  await ctx.db.run(sql`insert into items (bucket, id, customer_id, subscription_id, number, kind, text, quantity, unit_amount, amount, discounted, created_at)
    select bucket, gen_random_uuid(), customer_id, id, 1, 'item', 'gigabytes', 3, 2500, 7500, true, created_at from subscriptions`);
  await ctx.db.run(sql`update subscriptions set items = 1, waiting_items = 1`);
}

async function compare(count: number): Promise<void> {
  const costs = new Map<Book, Cost[]>(books.map((book) => [book, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [book, own] of costs) own.push(await costOfOpening(count, book));
  const plain = costs.get('of a plan alone') ?? [];
  for (const [book, own] of costs) process.stdout.write(`${book}: ${told(own, plain, count)}\n`);
}

/** Medians, and those of the ratios to the plain ones of the same round. */
function told(own: readonly Cost[], plain: readonly Cost[], count: number): string {
  const middle = (of: keyof Cost) => median(own.map((cost) => cost[of]));
  const ratio = (of: keyof Cost) => median(own.map((cost, round) => cost[of] / (plain[round]?.[of] ?? Number.NaN)));
  return (
    `${middle('seconds').toFixed(2)} s (${ratio('seconds').toFixed(2)} times as long), ` +
    `${((middle('cpuSeconds') / count) * 1e3).toFixed(3)} ms of CPU each (${ratio('cpuSeconds').toFixed(2)} times as much)`
  );
}

const count = Number(process.argv[2] ?? 20_000);
if (Number.isSafeInteger(count) && count > 0) await compare(count);
else {
  process.stderr.write(`How many cycles? A whole number from 1 on.\n\n${USAGE}\n`);
  process.exitCode = 2;
}
