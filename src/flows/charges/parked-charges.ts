import type { Context } from '../../context.ts';
import { parked } from '../../domain/charges/waits.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';

/** The due charges of a subscription that is paused: each is left alone until it is resumed. */
export async function parkedCharges(ctx: Context, { id }: { readonly id: string }): Promise<readonly ChargeRow[]> {
  const open = await openChargesOf(ctx.db, id);
  return open.filter(({ status }) => status === 'due').map((charge) => parked(charge, 'the subscription is paused'));
}
