import type { Context } from '../../context.ts';
import { majorText } from '../../domain/money/money.ts';
import { type Behind, behindLink } from './pay-link.ts';

/** What a customer reads behind a link: what is owed, or why nothing can be paid there. */
export type PayPage =
  | Exclude<Behind, { readonly kind: 'owed' }>
  | {
      readonly kind: 'owed';
      readonly amount: string;
      readonly currency: string;
      /** What it is for, as the catalog calls it. */
      readonly plan: string;
      readonly period: { readonly start: string; readonly end: string };
      readonly reference: string;
      /** In the zone of the subscription, which is the customer's. */
      readonly until: string;
      readonly locale: string | null;
    };

/** Nothing is made, nothing is changed, and nobody is asked, however often a machine looks at it. */
export async function payPage(ctx: Context, token: string): Promise<PayPage> {
  const behind = await behindLink(ctx, token);
  if (behind.kind !== 'owed') return behind;
  const { dossier, link } = behind;
  const { charge, subscription } = dossier;
  const plan = (await ctx.catalog.version(charge.catalogVersion)).plans.get(charge.plan);
  return {
    kind: 'owed',
    amount: majorText({ minor: charge.amount, currency: charge.currency }),
    currency: charge.currency,
    plan: plan?.name ?? charge.plan,
    period: { start: charge.periodStart.toString(), end: charge.periodEnd.toString() },
    reference: subscription.referenceId,
    until: link.expiresAt.toZonedDateTimeISO(subscription.timeZone).toString({ smallestUnit: 'minute' }),
    locale: subscription.locale,
  };
}
