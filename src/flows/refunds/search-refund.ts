import type { Context } from '../../context.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { turnToLook } from '../charges/look-up.ts';
import { ofAccount } from '../control/of-account.ts';
import { settleRefund } from './settle-refund.ts';

/** `found`: Xendit has it, and the books follow. `none`: Xendit's list has none of its reference, which soon after the call proves nothing. */
export type Searched =
  | { readonly kind: 'found' | 'none' | 'stopped' }
  | { readonly kind: 'silent'; readonly detail: string };

/** Asks Xendit about a refund, by its id where that is known, else by the reference under which it was asked for. */
export async function searchRefund(given: Context, refund: RefundRow): Promise<Searched> {
  const ctx = ofAccount(given, refund.account);
  if (!(await turnToLook(ctx))) return { kind: 'stopped' };
  const { refundId, referenceId } = refund;
  const answer =
    refundId === null ? await ctx.gateway.refundByReference(referenceId) : await ctx.gateway.refundById(refundId);
  if (answer.kind === 'silent') return answer;
  if (answer.kind === 'refused')
    return { kind: 'silent', detail: `HTTP ${answer.status} ${answer.code}: ${answer.message}` };
  if (answer.value === null) return { kind: 'none' };
  const settled = await settleRefund(ctx, refund, answer.value);
  return settled === 'settled'
    ? { kind: 'found' }
    : { kind: 'silent', detail: 'it has another refund under this reference: another payment, or another amount' };
}
