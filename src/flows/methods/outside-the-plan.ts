import type { Context } from '../../context.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { TokenRow } from '../../infra/tables/schema/method-columns.ts';
import { newestConsent } from '../../infra/tables/subscriptions/consents.ts';

type Saved = Pick<TokenRow, 'savedFor' | 'status'>;

/**
 * Why nothing outside of its plan may be asked for over the saved method, with the way out; null: it may. Its customer has agreed to such
 * charges, and has saved the method for them: what was saved for the plan's cycles is charged for nothing else.
 */
export async function whyNotOutside(
  ctx: Context,
  subscription: SubscriptionRow,
  token: Saved | null,
): Promise<string | null> {
  if (token?.status !== 'active') return `There is no payment method that can be charged: ${SAVE}.`;
  if (token.savedFor !== 'MERCHANT_UNSCHEDULED')
    return `The payment method was saved for the cycles of its plan alone: ${SAVE}, or rank one first that was saved so.`;
  const consent = await newestConsent(ctx.db, subscription, 'extra');
  if (consent?.answer === 'given') return null;
  const said = consent === null ? 'was never asked about' : 'refused';
  return `Its customer ${said} charges outside of the plan: ${ASK}.`;
}

const SAVE =
  'have its customer save one for charges outside of the plan (POST /v1/subscriptions/{id}/onboarding with save_for: MERCHANT_UNSCHEDULED)';
const ASK =
  'ask them, and write down what they answer (POST /v1/subscriptions/{id}/consents with what: extra, answer: given)';
