import type { AccountContext } from '../../context.ts';
import { bucketOf, readReference } from '../../domain/charges/attempt.ts';
import type { Refund } from '../../infra/gateway/refund.ts';
import { refundNamed, refundsKnownAs } from '../../infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';
import type { Followed, Turn } from './followed.ts';
import { recordRefund } from './record-refund.ts';
import { settleRefund } from './settle-refund.ts';

/** A refund as somebody named it, who may be nobody: Xendit is asked by its id. */
export type NamedRefund = {
  readonly refundId: string;
  readonly referenceId: string | null;
};

/**
 * Brings the books to what Xendit says of a refund of an account, whoever asked for it: one of ours is settled, and one that was made in Xendit's
 * dashboard is written down with its charge.
 */
export async function followRefund(ctx: AccountContext, named: NamedRefund, turn: Turn): Promise<Followed> {
  if (!(await turn(ctx))) return { kind: 'no_turn' };
  const answer = await ctx.gateway.refundById(named.refundId);
  if (answer.kind === 'silent') return answer;
  if (answer.kind === 'refused')
    return answer.status === 404
      ? { kind: 'unknown' }
      : { kind: 'silent', detail: `HTTP ${answer.status} ${answer.code}: ${answer.message}` };
  const said = answer.value;
  const known = await knownRefund(ctx, said);
  if (known === null) return await recordRefund(ctx, said, turn);
  const before = known.state;
  const settled = await settleRefund(ctx, known, said);
  if (settled === 'settled') return { kind: 'followed', said, isNew: before !== said.status };
  return { kind: 'other' };
}

/** By Xendit's id, or, of one whose answer was never heard, by the reference under which it was asked for. */
async function knownRefund(ctx: AccountContext, { refundId, referenceId }: Refund): Promise<RefundRow | null> {
  const [byId] = await refundsKnownAs(ctx.db, [refundId]);
  if (byId !== undefined) return byId.account === ctx.account ? byId : null;
  const read = readReference(referenceId);
  if (read?.kind !== 'refund' || referenceId === null) return null;
  const byName = await refundNamed(ctx.db, bucketOf(read.subscriptionId), referenceId);
  // Another refund of the same name is one that the books have lost.
  return byName !== null && byName.refundId === null && byName.account === ctx.account ? byName : null;
}
