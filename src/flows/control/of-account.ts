import type { AccountContext, Context } from '../../context.ts';
import { accountOf } from '../../infra/tables/subscriptions/account-of.ts';

/**
 * The context of work about the money of one account of Xendit. Whoever calls Xendit needs one, so no call is made for
 * another account than that of the row it is about.
 */
export function ofAccount(ctx: Context, account: string): AccountContext {
  return { ...ctx, account, gateway: ctx.gateway.as(account) };
}

/** The same of whichever account a subscription's money is. */
export async function ofSubscription(ctx: Context, subscriptionId: string): Promise<AccountContext> {
  return ofAccount(ctx, await accountOf(ctx.db, subscriptionId));
}
