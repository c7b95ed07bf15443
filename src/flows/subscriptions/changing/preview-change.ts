import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { may, statesFor } from '../../../domain/subscriptions/subscription.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import { subscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { chargesToCome } from '../../due-date/around-its-day.ts';
import { bringingOf, type ComingCharge } from '../../due-date/coming-charges.ts';
import { isOverdue, openOverdue } from '../../due-date/open-overdue.ts';
import type { Fault } from '../terms.ts';
import { askedBy, type ChangeBody } from './asked-change.ts';
import { chargesAfter } from './charges-after.ts';
import { factsOf, goodUntil, previewToken } from './preview-token.ts';
import { type WorkedOut, workOut } from './worked-out.ts';

/** A change as it would be: what it costs and gives back, and the next charges without it and with it. */
export type ShownChange = {
  readonly subscription: SubscriptionRow;
  readonly token: string;
  readonly goodUntil: Temporal.Instant;
  readonly worked: WorkedOut;
  readonly before: readonly ComingCharge[];
  readonly after: readonly ComingCharge[];
  readonly warnings: readonly string[];
};

export type PreviewedChange =
  | { readonly kind: 'shown'; readonly shown: ShownChange }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] };

/** Charges that a preview shows. */
const SHOWN = 3;

/** What a change would come to, with a token for it: the change that is made with the token comes to the same, or says what moved. */
export async function previewChange(
  ctx: Context,
  id: string,
  input: { readonly body: ChangeBody; readonly actor: string },
): Promise<PreviewedChange> {
  const now = await ctx.clock.now();
  const before = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (before === null) return { kind: 'not_found' };
  // What has fallen due is opened by the schedule at any moment: the preview is of the period after it.
  await openOverdue(ctx, [before], now);
  const dossier = (await subscriptionDossier(ctx.db, bucketOf(id), id)) ?? before;
  const { subscription } = dossier;
  if (isOverdue(subscription, now)) return { kind: 'refused', detail: UNOPENED };
  if (!may('change', subscription.status)) return { kind: 'refused', detail: notNow(subscription) };
  const worked = await workOut(ctx, dossier, askedBy(input.body), now);
  if ('refused' in worked) return { kind: 'refused', detail: worked.refused };
  if ('faults' in worked) return { kind: 'invalid', faults: worked.faults };
  const bringing = await bringingOf(ctx, subscription);
  const until = goodUntil(subscription, now);
  return {
    kind: 'shown',
    shown: {
      subscription,
      token: previewToken(ctx, id, { body: input.body, goodUntil: until, facts: factsOf(worked) }),
      goodUntil: until,
      worked,
      before: await chargesToCome(ctx, dossier.customer, bringing, { most: SHOWN, until: null }, now),
      after: await chargesAfter(ctx, dossier, worked, { bringing, most: SHOWN, ...input }, now),
      warnings: warningsOf(subscription, worked),
    },
  };
}

const UNOPENED = 'A cycle of the subscription has fallen due and cannot be opened now (see the log). Try again.';

function notNow({ status }: SubscriptionRow): string {
  return `The subscription is ${status}; this needs one of: ${statesFor('change').join(', ')}.`;
}

/** What the change puts an end to, and what must happen before it can apply. */
function warningsOf(
  { cancelsAtPeriodEnd, nextCycleAt }: SubscriptionRow,
  { replaces, awaited, warnings }: WorkedOut,
): readonly string[] {
  return [
    ...(cancelsAtPeriodEnd
      ? [
          `The subscription is to be canceled at ${nextCycleAt?.toString() ?? 'the end of its period'}: the change takes its place.`,
        ]
      : []),
    ...(replaces === null ? [] : [`Change ${replaces.number}, which is planned, is replaced.`]),
    ...(awaited === null ? [] : [`Change ${awaited.change.number}, which waits for its payment, is replaced.`]),
    ...warnings,
  ];
}
