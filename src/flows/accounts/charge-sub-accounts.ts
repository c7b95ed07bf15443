import pMap from 'p-map';
import type { AccountContext, Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { busyAccounts } from '../../infra/tables/charging/accounts.ts';
import { ofAccount } from '../control/of-account.ts';
import { chargeDue } from '../due-date/on-due-date.ts';
import { probeChannels } from '../due-date/probe-channels.ts';

/** Accounts at once. One that Xendit takes nothing of gives its place to the next, so that many of them hold up none. */
const AT_ONCE = 8;

/**
 * Charges what is due of sub-accounts, each by its own pace, stop and breakers, as the merchant's own account is charged: whatever
 * happens to one, the others do not notice. A job of its own, since the merchant's own account may wait for its pace for an hour.
 */
export async function chargeSubAccounts(ctx: Context): Promise<void> {
  const busy = await busyAccounts(ctx.db, ctx.buckets, await ctx.clock.now());
  const others = busy.filter((account) => account !== OWN_ACCOUNT);
  await pMap(others, (account) => chargeAccount(ofAccount(ctx, account)), { concurrency: AT_ONCE, stopOnError: false });
}

async function chargeAccount(ctx: AccountContext): Promise<void> {
  const hadKept = await chargeDue(ctx, null);
  if ((await probeChannels(ctx)) || hadKept) await chargeDue(ctx, null);
}
