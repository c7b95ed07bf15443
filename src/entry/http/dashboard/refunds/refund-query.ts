import { z } from 'zod';
import type { Context } from '../../../../context.ts';
import { currencies } from '../../../../domain/money/money.ts';
import { refundStates } from '../../../../domain/refunds/refund.ts';
import { logRange, type RangeFault } from '../../../../flows/views/log/charge-log.ts';
import type { RefundFilter } from '../../../../flows/views/pages/refund-list.ts';
import { momentText } from '../../api/texts.ts';
import { withoutEmpty } from '../frame/form.ts';

const anId = z.uuid('must be an id of ours').optional();
const asked = z.strictObject({
  state: z.enum(refundStates, `must be one of: ${refundStates.join(', ')}`).optional(),
  charge: anId,
  subscription: anId,
  currency: z.enum(currencies, `must be one of: ${currencies.join(', ')}`).optional(),
  from: momentText.optional(),
  to: momentText.optional(),
  after: z.string().max(1_000).optional(),
  format: z.enum(['csv', 'xlsx']).optional(),
});

/** What stands in the address of the list: whoever is sent it sees the same. */
export const refundQuery = z.preprocess(withoutEmpty, asked);

export type RefundQuery = z.infer<typeof asked>;

/** The address of the list with this question. */
export function refundsAt(query: RefundQuery): string {
  const said = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return said.length === 0 ? '/refunds' : `/refunds?${new URLSearchParams(said).toString()}`;
}

/** The same question from the beginning of the list, without some of what it is narrowed by. */
export function without(query: RefundQuery, ...names: readonly (keyof RefundQuery)[]): RefundQuery {
  const left = new Set<string>(['after', 'format', ...names]);
  return Object.fromEntries(Object.entries(query).filter(([name]) => !left.has(name)));
}

/** The filter that a query means, or every fault of it in words. */
export function filterOf(
  ctx: Context,
  { state, charge, subscription, currency, from, to }: RefundQuery,
): RefundFilter | { readonly faults: readonly RangeFault[] } {
  const range = logRange(ctx, from, to);
  if ('faults' in range) return range;
  return {
    state,
    currency,
    chargeId: charge,
    subscriptionId: subscription,
    from: range.from ?? undefined,
    until: range.until ?? undefined,
  };
}
