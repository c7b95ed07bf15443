import type { Context } from '../../context.ts';
import { sha256 } from '../../infra/ids.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { ownerOf, takeName } from '../../infra/tables/subscriptions/new-subscription.ts';

/** Whether a customer began a subscription of this plan with its trial already. */
export async function hadTrial(ctx: Context, plan: string, customerId: string): Promise<boolean> {
  return (await ownerOf(ctx.db, 'trial', ofCustomer(plan, customerId))) !== null;
}

/**
 * Takes the one trial of a plan for a subscription that begins now: of its customer, and of the card where its fingerprint is known. Safe to repeat.
 * @returns why there is no trial; null when it is had now.
 */
export async function takeTrial(
  ctx: Context,
  { id, plan, customerId }: Pick<SubscriptionRow, 'id' | 'plan' | 'customerId'>,
  fingerprint: string | null,
): Promise<string | null> {
  // The card first: a customer whose card is refused the trial has not had theirs.
  if (fingerprint !== null && (await takeName(ctx.db, 'trial', ofCard(plan, fingerprint), id)) !== id)
    return hadBy('card', plan);
  const owner = await takeName(ctx.db, 'trial', ofCustomer(plan, customerId), id);
  return owner === id ? null : hadBy('customer', plan);
}

/** The names under which a subscription that begins with its trial has it: its customer's, and where that is known its card's. */
export function trialNames(plan: string, customerId: string, fingerprint: string | null): readonly string[] {
  return [ofCustomer(plan, customerId), ...(fingerprint === null ? [] : [ofCard(plan, fingerprint)])];
}

/** Why there is no trial of a plan for a customer with a card, who began one already; null: there is. */
export async function whyNoTrial(
  ctx: Context,
  plan: string,
  customerId: string,
  fingerprint: string | null,
): Promise<string | null> {
  if (await hadTrial(ctx, plan, customerId)) return hadBy('customer', plan);
  const card = fingerprint === null ? null : await ownerOf(ctx.db, 'trial', ofCard(plan, fingerprint));
  return card === null ? null : hadBy('card', plan);
}

function hadBy(who: 'customer' | 'card', plan: string): string {
  return who === 'card'
    ? `the card had its trial of ${plan} already`
    : `the customer had their trial of ${plan} already`;
}

function ofCustomer(plan: string, customerId: string): string {
  return `${plan}/customer/${customerId}`;
}

/** Hashed: names are read by reports, which see no fingerprint. */
function ofCard(plan: string, fingerprint: string): string {
  return `${plan}/card/${sha256(fingerprint)}`;
}
