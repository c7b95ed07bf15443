import type { Context } from '../../context.ts';
import { readReference } from '../../domain/charges/attempt.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import type { Notice } from '../../infra/gateway/gateway.ts';
import { NO_TURN, turnAside } from '../charges/look-up.ts';
import { ofAccount, ofSubscription } from '../control/of-account.ts';
import { followDispute } from '../disputes/follow-dispute.ts';
import type { Fate } from './follow-payment.ts';

type DisputeNotice = Extract<Notice, { readonly kind: 'dispute' }>;

/** A webhook of a dispute is only a reason to ask, unless the account has no call that answers. */
export async function followDisputeNotice(ctx: Context, { dispute }: DisputeNotice): Promise<Fate> {
  const read = readReference(dispute.referenceId);
  const own = read === null ? ofAccount(ctx, OWN_ACCOUNT) : await ofSubscription(ctx, read.subscriptionId);
  const followed = await followDispute(own, dispute, turnAside);
  switch (followed.kind) {
    case 'followed':
      return { kind: 'processed', note: null };
    case 'foreign':
      return { kind: 'ignored', note: 'the payment is none of ours' };
    case 'unknown':
      return { kind: 'unconfirmed', note: 'Xendit knows no such dispute' };
    case 'no_turn':
      return { kind: 'no_turn', note: NO_TURN };
    case 'other':
      return { kind: 'mismatched', note: 'it is another dispute, or of another payment, than our books have' };
    case 'silent':
      return { kind: 'later', note: `Xendit did not answer: ${followed.detail}` };
  }
}
