import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { Repricing } from '../../../domain/subscriptions/repricing/repricing.ts';
import { decideItems, itemCounts, itemsInTurn } from '../../../infra/tables/catalog/repricing-items.ts';
import { endRepricing, repricingOf, runningRepricings } from '../../../infra/tables/catalog/repricings.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { DecidedItem, RepricingRow } from '../../../infra/tables/schema/terms-columns.ts';
import { subscriptionDossiers } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../../catalog/follow-catalog.ts';
import { applyEach } from '../../change/apply-each.ts';
import { record } from '../../change/record.ts';
import { termsText } from '../../change/terms-in-force.ts';
import { isOverdue, tryOverdue } from '../../due-date/open-overdue.ts';
import { BROKEN } from './draft-repricing.ts';
import { countsOf } from './figures.ts';
import { type JudgedItem, judgeItems } from './judge-items.ts';

const BATCH = 256;
/** Rows that somebody else held on to for longer since it was drafted or resumed are waited for no more. */
const WAITS = { hours: 24 };
/** Rounds in a row in which somebody else was faster: enough for any race, and an end to a bug. */
const MOST_IDLE_ROUNDS = 20;

/** Works on all repricings that run, in batches, until nobody of them waits or they are stopped. What a process leaves another goes on with. */
export async function workRepricings(ctx: Context): Promise<void> {
  for (const repricing of await runningRepricings(ctx.db)) await work(ctx, repricing);
}

async function work(given: Context, row: RepricingRow): Promise<void> {
  const { number } = row;
  const left = new Set<string>();
  for (let idle = 0; idle < MOST_IDLE_ROUNDS && !given.stopping.aborted; ) {
    // Whoever stops it is heard before each batch.
    if ((await repricingOf(given.db, number))?.state !== 'running') return;
    const inTurn = await itemsInTurn(given.db, given.buckets, number, BATCH + left.size);
    const ids = inTurn.filter((id) => !left.has(id));
    if (ids.length === 0) break;
    const { decided, held } = await workBatch(await withCatalogInForce(given), row, ids);
    for (const id of held) left.add(id);
    idle = decided > 0 ? 0 : idle + 1;
  }
  await end(given, row, [...left]);
}

/** Ends it once nobody waits any more. Whose rows somebody else holds on to is waited for, but not for ever. */
async function end({ db, buckets, clock, log }: Context, row: RepricingRow, held: readonly string[]): Promise<void> {
  const { number: repricing, plan } = row;
  const now = await clock.now();
  const isOver = Temporal.Instant.compare((row.resumedAt ?? row.draftedAt).add(WAITS), now) <= 0;
  if (isOver) await decideItems(db, buckets, apart(row, held, HELD, now));
  if (!(await endRepricing(db, row, now))) return;
  const failed = countsOf(await itemCounts(db, repricing)).failed;
  if (failed === 0) return log.info('repricing is done', { repricing, plan });
  const wayOut = `"dueday catalog reprice status ${repricing} --state failed" names them; "dueday catalog reprice resume ${repricing}" tries them again`;
  log.error('repricing is done, and some are set apart', { repricing, plan, set_apart: failed, way_out: wayOut });
}

/** Each of these once: moved with its item in one statement that its place in the ledger guards, or left as it is. */
async function workBatch(
  ctx: Context,
  row: RepricingRow,
  ids: readonly string[],
): Promise<{ readonly decided: number; readonly held: readonly string[] }> {
  const now = await ctx.clock.now();
  const found = await subscriptionDossiers(ctx.db, ids);
  // A cycle belongs to the price at which it fell due.
  const { again, broken: unopened } = await tryOverdue(ctx, found, now);
  if (again) return { decided: 0, held: [] };
  const overdue = found.filter(({ subscription }) => isOverdue(subscription, now)).map((one) => one.subscription.id);
  const dossiers = found.filter(({ subscription }) => !overdue.includes(subscription.id));
  const repricing: Repricing = { number: row.number, plan: row.plan, version: row.toVersion };
  const { judged, broken } = await judgeItems(ctx, dossiers, repricing);
  const changes = judged.flatMap((item) => moved(ctx, row, repricing, item, now));
  const leaving = judged.filter(({ verdict }) => verdict.state !== 'done');
  ctx.failpoint?.('before-repricing');
  await decideItems(
    ctx.db,
    ctx.buckets,
    leaving.map(({ dossier, verdict }) => ({ ...itemOf(row, dossier.subscription.id, now), ...verdict })),
  );
  ctx.failpoint?.('between-repricing');
  const applied = await applyEach(ctx, changes);
  ctx.failpoint?.('after-repricing');
  const failed = [
    ...apart(row, [...broken, ...applied.broken], BROKEN, now),
    ...apart(row, [...unopened], UNOPENED, now),
  ];
  await decideItems(ctx.db, ctx.buckets, failed);
  const decided = leaving.length + applied.done.size + failed.length;
  return { decided, held: [...overdue.filter((id) => !unopened.has(id)), ...applied.held] };
}

const UNOPENED = 'a cycle of it has fallen due and cannot be opened: the log of the daemon names the fault';
const HELD = `somebody else has held on to its rows for ${WAITS.hours} hours: the log of the daemon says how they are found`;

/** Those that cannot be worked on are set apart, so that the repricing has an end; whoever resumes it has them tried again. */
function apart(row: RepricingRow, ids: readonly string[], why: string, now: Temporal.Instant): readonly DecidedItem[] {
  return ids.map((id) => ({ ...itemOf(row, id, now), state: 'failed' as const, why }));
}

function itemOf({ number }: RepricingRow, id: string, now: Temporal.Instant): Omit<DecidedItem, 'state' | 'why'> {
  return { bucket: bucketOf(id), subscriptionId: id, repricing: number, decidedAt: now };
}

/** A subscription that comes to the price, with its item and the entry that tells of it; nothing of one that is left as it is. */
function moved(
  ctx: Context,
  row: RepricingRow,
  repricing: Repricing,
  { dossier, verdict, terms }: JudgedItem,
  now: Temporal.Instant,
): readonly Change[] {
  if (verdict.state !== 'done' || terms === null) return [];
  const { subscription } = dossier;
  const { number, version } = repricing;
  const [before, after] = [termsText(terms.before), termsText(terms.after)];
  const detail = canonicalJson({ what: 'price', repricing: number, catalog_version: version, before, after });
  const facts = { amount: terms.after.amount, actor: row.actor, why: verdict.why, detail };
  const entry = record(ctx.newId(subscription.bucket), now, 'subscription.change_planned', dossier, facts);
  return [
    {
      seen: subscription,
      subscription: { repricing },
      agreed: { repriced: [{ ...itemOf(row, subscription.id, now), ...verdict }] },
      entries: [entry],
    },
  ];
}
