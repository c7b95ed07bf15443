import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { Repricing } from '../../../domain/subscriptions/repricing/repricing.ts';
import { decideItems, itemsInTurn } from '../../../infra/tables/catalog/repricing-items.ts';
import { endRepricing, repricingOf, runningRepricings } from '../../../infra/tables/catalog/repricings.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { DecidedItem, RepricingRow } from '../../../infra/tables/schema/terms-columns.ts';
import { subscriptionDossiers } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../../catalog/follow-catalog.ts';
import { applyEach } from '../../change/apply-each.ts';
import { record } from '../../change/record.ts';
import { termsText } from '../../change/terms-in-force.ts';
import { isOverdue, openOverdue } from '../../due-date/open-charges.ts';
import { BROKEN } from './draft-repricing.ts';
import { type JudgedItem, judgeItems } from './judge-items.ts';

const BATCH = 256;
/** Rounds in a row in which somebody else was faster: enough for any race, and an end to a bug. */
const MOST_IDLE_ROUNDS = 20;

/** Works on all repricings that run, in batches, until nobody of them waits or they are stopped. What a process leaves another goes on with. */
export async function workRepricings(ctx: Context): Promise<void> {
  for (const repricing of await runningRepricings(ctx.db)) await work(ctx, repricing);
}

async function work(given: Context, row: RepricingRow): Promise<void> {
  const { number, plan } = row;
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
  const now = await given.clock.now();
  if (await endRepricing(given.db, number, now)) given.log.info('repricing is done', { repricing: number, plan });
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
  if (await openOverdue(ctx, found, now)) return { decided: 0, held: [] };
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
  const failed = [...broken, ...applied.broken].map((id) => ({
    ...itemOf(row, id, now),
    state: 'failed' as const,
    why: BROKEN,
  }));
  await decideItems(ctx.db, ctx.buckets, failed);
  const decided = leaving.length + applied.done.size + failed.length;
  return { decided, held: [...overdue, ...applied.held] };
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
