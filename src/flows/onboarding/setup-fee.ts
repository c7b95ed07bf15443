import type { Context } from '../../context.ts';
import type { Entry } from '../../domain/books/ledger.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import type { Plan } from '../../domain/catalog/plan.ts';
import { itemLine } from '../../domain/charges/parts.ts';
import { taxOn } from '../../domain/money/taxes.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { NewItem } from '../../infra/tables/schema/item-columns.ts';
import { waitingItems } from '../../infra/tables/subscriptions/items.ts';
import type { Owned } from '../../infra/tables/subscriptions/subscriptions.ts';
import { extraCharge, extraOpened } from '../charges/lines/extra-charge.ts';
import { payable, type SavedIn } from '../charges/lines/payable.ts';

type Asked = Pick<Change, 'openedCharges' | 'items'> & {
  readonly entries: readonly Entry[];
  readonly subscription: Pick<SubscriptionRow, 'extras' | 'waitingItems'>;
};

/**
 * Before a trial the set-up fee is asked for at once, as an extra charge to the method that was just saved; no cycle's number is used by
 * it. Without a trial, or where the method does not take so little, it waits for cycle 0. Null: it waits, or there is none.
 */
export async function setupFeeNow(
  ctx: Context,
  dossier: Owned,
  plan: Plan | undefined,
  savedIn: SavedIn,
  now: Temporal.Instant,
): Promise<Asked | null> {
  const { subscription } = dossier;
  if (subscription.status !== 'trialing' || subscription.waitingItems === 0) return null;
  const waiting = (await waitingItems(ctx.db, [subscription.id])).get(subscription.id) ?? [];
  return await feeAmong(ctx, dossier, waiting, { plan, savedIn }, now);
}

/** The same of items that are at hand. */
export async function feeAmong(
  ctx: Context,
  dossier: Owned,
  waiting: readonly NewItem[],
  { plan, savedIn }: { readonly plan: Plan | undefined; readonly savedIn: SavedIn },
  now: Temporal.Instant,
): Promise<Asked | null> {
  const { subscription } = dossier;
  if (subscription.status !== 'trialing') return null;
  const fees = waiting.filter(({ kind }) => kind === 'setup');
  if (fees.length === 0) return null;
  const tax = plan?.tax == null ? null : taxOn(plan.tax, localDate(now, subscription.timeZone));
  const asked = { lines: fees.map(itemLine), discount: null, tax, credit: 0n };
  const sums = await payable(asked, subscription, true, async () => savedIn);
  if (sums.carried !== null) return null;
  const why = 'the set-up fee, asked for before the trial';
  const { plan: id, catalogVersion } = subscription;
  const charge = extraCharge(ctx, { subscription, plan: id, catalogVersion, sums, until: null, why }, now);
  return {
    openedCharges: [charge],
    items: fees.map(({ bucket, id }) => ({ bucket, id, chargeId: charge.id, withdrawnAt: null })),
    entries: [extraOpened(ctx, dossier, charge, { why, actor: 'customer' }, now)],
    subscription: { extras: subscription.extras + 1, waitingItems: subscription.waitingItems - fees.length },
  };
}
