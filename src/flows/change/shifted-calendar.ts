import type { Context } from '../../context.ts';
import { dueAfter, movedCalendar, movedWith } from '../../domain/subscriptions/shift.ts';
import { nextTermsAfter, type Terms } from '../../domain/subscriptions/terms.ts';
import type { Agreed } from '../../infra/tables/change/agreed-rows.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ChangeRow, TermsRow } from '../../infra/tables/schema/terms-columns.ts';
import { termsFrom } from '../../infra/tables/subscriptions/terms.ts';
import { agreedLater } from './agreed-later.ts';
import { createdTerms } from './created-terms.ts';

/** A subscription whose calendar goes on; `days`: how many days later than it would have. */
export type Shifted = {
  readonly subscription: SubscriptionRow;
  readonly days: number;
  readonly terms: readonly Terms[];
  readonly agreed?: Agreed;
};

/**
 * The calendar of a subscription that stood still goes on at an instant: its terms are written down anew from the next cycle on, so no
 * number is lost or repeated. So are those of a change that is planned, which stay the ones that can be withdrawn.
 */
export async function shiftedCalendar(
  ctx: Context,
  subscription: SubscriptionRow,
  { at, actor }: { readonly at: Temporal.Instant; readonly actor: string },
  now: Temporal.Instant,
): Promise<Shifted> {
  const { later, planned } = await agreedLater(ctx, subscription);
  const ofPlanned = planned === null ? null : await termsOfChange(ctx, subscription, planned);
  const { days, terms: moved } = movedCalendar(subscription, later, at);
  const [first] = moved;
  const follows = ofPlanned === null || first === undefined || days === 0 ? [] : [movedWith(first, ofPlanned, days)];
  const created = days === 0 ? [] : createdTerms(subscription, actor, now);
  const numbered = days === 0 ? moved : numberedFrom(subscription.terms + created.length, [...moved, ...follows]);
  const terms = days === 0 && ofPlanned !== null ? [...numbered, ofPlanned] : numbered;
  const after = {
    ...subscription,
    nextCycleAt: dueAfter(subscription, terms, at),
    nextTermsFrom: nextTermsAfter(terms, subscription.nextCycle - 1),
  };
  if (days === 0) return { subscription: after, days, terms };
  const { bucket, id } = subscription;
  const row = { bucket, subscriptionId: id, origin: 'shifted', actor, agreedAt: now } as const;
  const highest = numbered.at(-1)?.number ?? subscription.terms;
  return {
    subscription: { ...after, terms: highest },
    days,
    terms,
    agreed: {
      terms: [...created, ...numbered.map(({ coupon = null, ...one }) => ({ ...one, coupon, ...row }))],
      ...(planned === null || ofPlanned === null ? {} : takenAlong(planned, ofPlanned, highest, now)),
    },
  };
}

async function termsOfChange(ctx: Context, subscription: SubscriptionRow, { termsNumber }: ChangeRow) {
  const rows = await termsFrom(ctx.db, subscription, subscription.nextCycle);
  return rows.find(({ number }) => number === termsNumber) ?? null;
}

function numberedFrom(highest: number, terms: readonly Terms[]): readonly Terms[] {
  return terms.map((one, index) => ({ ...one, number: highest + 1 + index }));
}

/** The planned change has the terms of the new calendar. */
function takenAlong(
  planned: ChangeRow,
  { bucket, subscriptionId, number }: TermsRow,
  termsNumber: number,
  now: Temporal.Instant,
) {
  return {
    changes: [{ ...planned, termsNumber }],
    withdrawnTerms: [{ bucket, subscriptionId, number, withdrawnAt: now }],
  };
}
