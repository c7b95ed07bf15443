import type { AccountContext, Context } from '../../context.ts';
import { nameCustomer } from '../../infra/tables/subscriptions/new-subscription.ts';
import type { Customer } from '../../infra/tables/subscriptions/subscriptions.ts';
import type { Started } from './start-onboarding.ts';

/**
 * The customer's id at Xendit, looked up by our reference where no session has told it yet; or why no session can be opened
 * for this customer now.
 */
export async function nameAtXendit(
  ctx: AccountContext,
  customer: Customer,
): Promise<{ readonly id: string } | Exclude<Started, { readonly kind: 'opened' }>> {
  const { xenditId, referenceId } = customer;
  if (xenditId !== null) return { id: xenditId };
  if (referenceId === null) throw new Error(`Customer ${customer.id} has neither a reference nor an id at Xendit.`);
  const known = await ctx.gateway.customerByReference(referenceId);
  if (known.kind === 'silent') return { kind: 'unavailable', detail: known.detail, retryAfterSeconds: null };
  if (known.kind === 'refused') {
    const detail = `the customer could not be looked up: ${known.code}: ${known.message}`;
    return { kind: 'unavailable', detail, retryAfterSeconds: known.retryAfterSeconds };
  }
  if (known.value === null) {
    const message = `Xendit knows no customer with the reference ${referenceId}; make a new subscription for this customer.`;
    return { kind: 'refused', code: 'CUSTOMER_NOT_FOUND', message };
  }
  await learnName(ctx, customer, known.value.id);
  return known.value;
}

/** Keeps what Xendit calls a customer, as soon as anything tells it; what is known stays. */
export async function learnName(ctx: Context, customer: Customer, xenditId: string | null): Promise<void> {
  if (customer.xenditId === null && xenditId !== null) await nameCustomer(ctx.db, customer, xenditId);
}
