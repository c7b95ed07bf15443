import type { Context } from '../../context.ts';
import { leastIn, takenByAll } from '../../domain/catalog/channels.ts';
import { moneyText } from '../../domain/money/money.ts';
import { addUp, type Least, type Sums, type ToAddUp } from '../../domain/money/sums.ts';
import { channelOf } from '../../infra/tables/methods/tokens.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';

type Payer = Pick<SubscriptionRow, 'bucket' | 'tokenId' | 'country' | 'currency'>;

/**
 * What a charge comes to over the channel that its subscription is charged in, which does not take too little. `follows`: another
 * charge could carry what is less. The channel is read only where it can matter.
 */
export async function payable(
  ctx: Context,
  payer: Payer,
  asked: Omit<ToAddUp, 'least'>,
  follows: boolean,
): Promise<Sums> {
  const sums = addUp({ ...asked, least: null });
  const { country, currency } = payer;
  if (sums.amount === 0n || sums.amount >= takenByAll(country, currency)) return sums;
  const least = await leastOf(ctx, payer, follows);
  return least === null ? sums : addUp({ ...asked, least });
}

async function leastOf(ctx: Context, payer: Payer, follows: boolean): Promise<Least | null> {
  const { bucket, tokenId, country, currency } = payer;
  const channel = tokenId === null ? null : await channelOf(ctx.db, bucket, tokenId);
  const amount = channel === null ? null : leastIn(channel.country ?? country, channel.channelCode, currency);
  if (channel === null || amount === null) return null;
  return { amount, why: `${channel.channelCode} takes ${moneyText({ minor: amount, currency })} at least`, follows };
}
