import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import { moneyText } from '../../domain/money/money.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { OwedNoticeRow } from '../../infra/tables/schema/consent-columns.ts';
import { owedToTell, toldMeanwhile } from '../../infra/tables/subscriptions/owed-notices.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { applyEach, decideEach } from '../change/apply-each.ts';
import { record } from '../change/record.ts';
import { type Owed, owedBy } from './owed-notices.ts';
import { owingNotices } from './owing-notices.ts';

const BATCH = 256;
/** The book is looked through this often: it is told of days before anything has to be done. */
const EVERY_MINUTES = 60;

type Looked = { readonly version: number; readonly at: Temporal.Instant };

/** When each process looked last: one that starts anew looks at once, and finds what is not told yet in the books. */
const looked = new WeakMap<Context['log'], Looked>();

/**
 * Tells of each customer who is to be told of a higher price, once for each price, in time: so many days before their next cycle as the notice
 * has, and a week. Until the notice is recorded the old price is charged.
 */
export async function tellOfOwed(given: Context): Promise<void> {
  const ctx = await withCatalogInForce(given);
  const { version } = ctx.catalog.current;
  const began = await ctx.clock.now();
  if (isLookedThrough(looked.get(ctx.log), version, began)) return;
  const owing = await owingNotices(ctx);
  const passedBy = new Set<string>();
  let told = 0;
  while (owing !== null && !ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const found = await owedToTell(ctx.db, ctx.buckets, owing, now, BATCH + passedBy.size);
    const ids = found.filter((id) => !passedBy.has(id));
    if (ids.length === 0) break;
    const subscriptions = ids.map((id) => ({ subscription: { id } }));
    const { decided } = await decideEach(ctx, subscriptions, async ({ subscription: { id } }) => {
      const owed = await owedBy(ctx, id);
      return owed === null ? null : { owed, row: rowOf(owed, now) };
    });
    const read = decided.filter((one) => one !== null);
    // Asked once the subscriptions were read: whoever is told of afterwards is another one than was seen.
    const meanwhile = await toldMeanwhile(
      ctx.db,
      ctx.buckets,
      read.map(({ row }) => row),
    );
    const left = read.filter(({ row }) => !meanwhile.has(row.subscriptionId));
    const { done } = await applyEach(
      ctx,
      left.map(({ owed, row }) => toldOf(ctx, owed, row)),
    );
    // Whoever owes nothing after all, or was changed by somebody else just now, waits for the next look.
    for (const id of ids) passedBy.add(id);
    told += done.size;
  }
  if (told > 0)
    ctx.log.warn('customers are to be told of a higher price', { customers: told, version, way_out: WAY_OUT });
  if (!ctx.stopping.aborted) looked.set(ctx.log, { version, at: began });
}

const WAY_OUT = 'dueday notices --owed lists them; the old price is charged until each notice is recorded';

function isLookedThrough(last: Looked | undefined, version: number, now: Temporal.Instant): boolean {
  if (last === undefined || last.version !== version) return false;
  const passed = now.since(last.at).total('minutes');
  return passed >= 0 && passed < EVERY_MINUTES;
}

function rowOf({ dossier: { subscription }, asked }: Owed, owedAt: Temporal.Instant): OwedNoticeRow {
  const { bucket, id: subscriptionId } = subscription;
  return { bucket, subscriptionId, kind: 'price_change', subject: String(asked.version), owedAt };
}

function toldOf(ctx: Context, { dossier, asked }: Owed, row: OwedNoticeRow): Change {
  const { subscription } = dossier;
  const { bucket, currency } = subscription;
  const { plan, version, agreed } = asked;
  const after = plan.price.minor * BigInt(agreed.quantity);
  const text = (minor: bigint) => moneyText({ minor, currency });
  const why = `its plan costs ${text(after)} in catalog version ${version}, and ${text(agreed.amount)} was agreed: its customer is to be told ${plan.noticeDays ?? 0} days before, and pays the old price until then`;
  const detail = canonicalJson({
    kind: 'price_change',
    subject: String(version),
    before_days: plan.noticeDays,
    amount_before: agreed.amount.toString(),
    amount_after: after.toString(),
  });
  const entry = record(ctx.newId(bucket), row.owedAt, 'notice.owed', dossier, { why, detail, actor: 'schedule' });
  return { seen: subscription, agreed: { owedNotices: [row] }, entries: [entry] };
}
