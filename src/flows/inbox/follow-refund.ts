import type { Context } from '../../context.ts';
import { readReference } from '../../domain/charges/attempt.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import type { Notice } from '../../infra/gateway/gateway.ts';
import { NO_TURN, turnAside } from '../charges/look-up.ts';
import { ofAccount, ofSubscription } from '../control/of-account.ts';
import { followRefund } from '../refunds/follow-refund.ts';
import type { Fate } from './follow-payment.ts';

type RefundNotice = Extract<Notice, { readonly kind: 'refund' }>;

/** A webhook of a refund is only a reason to ask: what is written down is what Xendit answers. */
export async function followRefundNotice(ctx: Context, notice: RefundNotice): Promise<Fate> {
  const read = readReference(notice.referenceId);
  const own = read === null ? ofAccount(ctx, OWN_ACCOUNT) : await ofSubscription(ctx, read.subscriptionId);
  const followed = await followRefund(own, notice, turnAside);
  switch (followed.kind) {
    case 'followed':
      return followed.said.status === notice.says || followed.said.status !== 'pending'
        ? { kind: 'processed', note: null }
        : { kind: 'unconfirmed', note: 'Xendit did not confirm it yet' };
    case 'foreign':
      return { kind: 'ignored', note: 'the payment is none of ours' };
    case 'unknown':
      return { kind: 'ignored', note: 'Xendit knows no such refund' };
    case 'no_turn':
      return { kind: 'no_turn', note: NO_TURN };
    case 'other':
      return { kind: 'mismatched', note: 'it is another refund than the one that our books have under this name' };
    case 'silent':
      return { kind: 'later', note: `Xendit did not answer: ${followed.detail}` };
  }
}
