import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { agreedLater } from './agreed-later.ts';
import { endedChange } from './changing/awaited-change.ts';
import { record, type Subject } from './record.ts';

/**
 * The change with which a subscription is canceled, and with it the end of what was planned: no cycle follows that could bring it. Nothing
 * is read of a subscription for which nothing was agreed for later.
 */
export async function withoutPlan(
  ctx: Context,
  dossier: Subject & { readonly subscription: SubscriptionRow },
  change: Change,
  why: string,
  now: Temporal.Instant,
): Promise<Change> {
  const { bucket, id, nextTermsFrom } = dossier.subscription;
  if (nextTermsFrom === null) return change;
  const { planned } = await agreedLater(ctx, dossier.subscription);
  if (planned === null) return change;
  const { number, what, before, after, termsNumber } = planned;
  const detail = canonicalJson({ number, what, before, after });
  const { agreed, subscription, entries } = change;
  const terms = termsNumber === null ? [] : [{ bucket, subscriptionId: id, number: termsNumber, withdrawnAt: now }];
  return {
    ...change,
    subscription: { ...subscription, nextTermsFrom: null },
    agreed: {
      ...agreed,
      changes: [...(agreed?.changes ?? []), endedChange(planned, 'lapsed', why, now)],
      withdrawnTerms: [...(agreed?.withdrawnTerms ?? []), ...terms],
    },
    entries: [...entries, record(ctx.newId(bucket), now, 'subscription.change_lapsed', dossier, { why, detail })],
  };
}
