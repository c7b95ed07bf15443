import type { Context } from '../../../context.ts';
import { hasCycles } from '../../../domain/subscriptions/subscription.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { soldTo } from '../../catalog/sold-to.ts';
import { bringingOf } from '../../due-date/coming-charges.ts';
import { followPlan } from '../../due-date/terms/followed-terms.ts';
import { answerToPrice } from '../../due-date/terms/price-evidence.ts';
import type { Fault } from '../terms.ts';

/** The version whose price a customer was told and asked about; or why there is none that they could answer to now. */
export type PriceAskedAbout =
  | { readonly subject: string }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  | { readonly kind: 'refused'; readonly detail: string };

/** What a consent to a price is about: the price in force, or that of a repricing, which waits for it. `named`: the version that the caller says it is; null: none. */
export async function priceAskedAbout(
  ctx: Context,
  { subscription }: SubscriptionDossier,
  named: string | null,
): Promise<PriceAskedAbout> {
  const sold = await soldTo(ctx, subscription.repricing, subscription.plan);
  const { version } = sold ?? ctx.catalog.current;
  if (named !== null && named !== String(version)) return { kind: 'invalid', faults: [notInForce(version)] };
  if (!hasCycles(subscription.status))
    return refused(`The subscription is ${subscription.status}: no price waits for its customer's consent.`);
  const known = sold === null ? null : await answerToPrice(ctx, subscription, sold.plan);
  if (known !== null && known.answer !== 'silence') return refused(answeredAlready(known));
  const { terms } = await bringingOf(ctx, subscription);
  const { asked } = await followPlan(ctx, subscription, terms);
  if (asked === null)
    return refused('Its customer is asked about no price: none that is higher waits for their consent.');
  if (asked.told === null)
    return refused('Its customer was not told of the price yet: record the notice first (POST .../notices).');
  return { subject: String(version) };
}

function refused(detail: string): PriceAskedAbout {
  return { kind: 'refused', detail };
}

function answeredAlready({
  answer,
  subject,
  answeredAt,
}: {
  answer: string;
  subject: string | null;
  answeredAt: Temporal.Instant;
}) {
  const wayOut =
    answer === 'given'
      ? 'who wants to leave after all cancels'
      : 'who agrees after all changes to the plan as it is sold today (POST .../change with plan)';
  return `Its customer's answer to this price is recorded already: ${answer} for catalog version ${subject ?? ''}, at ${answeredAt.toString()}. It counts; ${wayOut}.`;
}

/** Who records what was sent or answered names the version in force, if any. */
export function notInForce(version: number): Fault {
  return { field: 'subject', message: `must be the catalog version in force, which is ${version}` };
}
