import type { Context } from '../../context.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ConsentRow, NoticeRow } from '../../infra/tables/schema/consent-columns.ts';
import { termsHolding } from '../../infra/tables/subscriptions/terms.ts';
import { answerToPrice, toldOfPrice } from '../due-date/terms/price-evidence.ts';
import { major } from './subscription-view.ts';

/**
 * Where the price of a cycle comes from: what was agreed first or changed by somebody, or a newer price of its plan, with what its customer
 * was told of that and answered. Null: it is for no cycle.
 */
export async function priceView(ctx: Context, { cycle, currency }: ChargeRow, subscription: SubscriptionRow) {
  if (cycle === null) return null;
  const row = await termsHolding(ctx.db, subscription, cycle);
  const { unitAmount, catalogVersion, plan: id, fromCycle, origin } = row ?? agreedFirst(subscription);
  const price = {
    catalog_version: catalogVersion,
    unit_amount: major(unitAmount, currency),
    origin,
    from_cycle: fromCycle,
  };
  const plan = origin === 'repriced' ? (await ctx.catalog.version(catalogVersion)).plans.get(id) : undefined;
  if (plan === undefined) return { ...price, notice: null, consent: null };
  const [told, answer] = await Promise.all([
    toldOfPrice(ctx, subscription, plan),
    answerToPrice(ctx, subscription, plan),
  ]);
  return { ...price, notice: told === null ? null : noticeView(told.notice), consent: answer && consentView(answer) };
}

/** Of whose terms nothing was ever changed, its row has all of them. */
function agreedFirst({ amount, quantity, catalogVersion, plan }: SubscriptionRow) {
  return { unitAmount: amount / BigInt(quantity), catalogVersion, plan, fromCycle: 0, origin: 'created' as const };
}

function noticeView({ subject, sentAt, channel, evidence, recordedAt, actor }: NoticeRow) {
  return { subject, sent_at: sentAt.toString(), channel, evidence, recorded_at: recordedAt.toString(), actor };
}

function consentView({ answer, subject, evidence, answeredAt, actor }: ConsentRow) {
  return { answer, subject, evidence, answered_at: answeredAt.toString(), actor };
}
