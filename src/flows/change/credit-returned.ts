import type { Context } from '../../context.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import { record, type Subject } from './record.ts';

type MaybeVoid = Pick<ChargeRow, 'status' | 'creditUsed'> & NonNullable<Subject['charge']>;

/** The change with the credit given back that charges had used which are void by it. */
export function withCreditReturned(
  ctx: Context,
  subject: Subject,
  change: Change,
  charges: readonly MaybeVoid[],
  { at, actor }: { readonly at: Temporal.Instant; readonly actor: string },
): Change {
  const voided = charges.filter(({ status, creditUsed }) => status === 'void' && creditUsed > 0n);
  if (voided.length === 0) return change;
  const { seen, subscription = {}, entries } = change;
  const credit = voided.reduce((sum, { creditUsed }) => sum + creditUsed, subscription.credit ?? seen.credit);
  const returned = voided.map((charge) => {
    const facts = { amount: charge.creditUsed, credit: charge.creditUsed, why: 'its charge is void', actor };
    return record(ctx.newId(seen.bucket), at, 'credit.returned', { ...subject, charge }, facts);
  });
  return { ...change, subscription: { ...subscription, credit }, entries: [...entries, ...returned] };
}
