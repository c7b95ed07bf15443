import type { Context } from '../../context.ts';
import { parked } from '../../domain/charges/waits.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import { isWaitedFor } from '../change/changing/awaited-change.ts';

/**
 * The due charges of a subscription that is paused: each is left alone until it is resumed. But for one that a change waits for, which
 * lapses when its time comes: nobody keeps the credit that it had used until then.
 */
export async function parkedCharges(ctx: Context, { id }: { readonly id: string }): Promise<readonly ChargeRow[]> {
  const due = (await openChargesOf(ctx.db, id)).filter(({ status }) => status === 'due');
  const left = await Promise.all(due.map(async (charge) => ((await isWaitedFor(ctx, charge)) ? [] : [charge])));
  return left.flat().map((charge) => parked(charge, 'the subscription is paused'));
}
