import type { Context } from '../../../context.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import type { NewTerms } from '../../../domain/subscriptions/new-terms.ts';
import type { CouponUse } from '../../../infra/tables/catalog/coupon-uses.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { SubscriptionRow, SubscriptionState } from '../../../infra/tables/schema/change-columns.ts';
import type { ChangeRow, NewTermsRow, TermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import { type AppliedChange, appliedTerms } from '../applied-terms.ts';
import { newTermsRows } from '../created-terms.ts';
import { record, type Subject } from '../record.ts';
import { withdrawnChange } from '../withdrawn-change.ts';
import { nextTermsFrom } from './next-terms-from.ts';

/** A change that applies now, with what was agreed for later beside the change that it replaces. */
export type MadeChange = Omit<AppliedChange, 'terms'> & {
  readonly change: NewTerms;
  readonly later: readonly TermsRow[];
  readonly replaces: ChangeRow | null;
  /** The use of the coupon that it takes; left out: none. */
  readonly use?: CouponUse | undefined;
};

type Dossier = { readonly subscription: SubscriptionRow } & Pick<Subject, 'customer'>;

/** All that a change writes which applies now, but for its own row. */
export function madeNow(
  ctx: Context,
  dossier: Dossier,
  made: MadeChange,
  now: Temporal.Instant,
): Pick<Change, 'addedItems' | 'couponTaken'> & {
  readonly subscription: Partial<SubscriptionState>;
  readonly terms: readonly NewTermsRow[];
  readonly replaced: Partial<ReturnType<typeof withdrawnChange>>;
  readonly entries: readonly Entry[];
} {
  const { subscription } = dossier;
  const { change, later, replaces, number, actor, use } = made;
  const rows = newTermsRows(subscription, [change.terms], 'changed', actor, now);
  const applied = appliedTerms(ctx, dossier, { ...made, terms: change.terms }, now);
  return {
    subscription: {
      ...applied.subscription,
      ...(subscription.cancelsAtPeriodEnd && { cancelsAtPeriodEnd: false, reason: null }),
      nextCycleAt: change.nextCycleAt,
      nextTermsFrom: nextTermsFrom(subscription, change, later, rows),
      terms: rows.at(-1)?.number ?? subscription.terms,
    },
    ...(applied.addedItems.length > 0 && { addedItems: applied.addedItems }),
    ...(use !== undefined && { couponTaken: use }),
    terms: rows,
    replaced: replaces === null ? {} : withdrawnChange(replaces, `change ${number} replaced it`, now),
    entries: [
      ...(subscription.cancelsAtPeriodEnd ? [keptEntry(ctx, dossier, { number, actor }, now)] : []),
      ...applied.entries,
    ],
  };
}

/** The cancellation that was planned is over: the later of the two wins. */
export function keptEntry(
  ctx: Context,
  dossier: Dossier,
  { number, actor }: { readonly number: number; readonly actor: string },
  now: Temporal.Instant,
): Entry {
  const why = `change ${number} takes the place of the cancellation that was planned`;
  const { bucket } = dossier.subscription;
  return record(ctx.newId(bucket), now, 'subscription.cancel_withdrawn', dossier, { actor, why });
}
