import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import type { Entry, EntryKind } from '../../domain/books/ledger.ts';
import { type DisputeState, isOpenDispute } from '../../domain/disputes/dispute.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { AttemptRow } from '../../infra/tables/schema/change-columns.ts';
import type { NewDispute } from '../../infra/tables/schema/disputes/dispute-columns.ts';
import { record } from '../change/record.ts';

/** A dispute whose charge is before us, with the attempt that collected what is disputed. */
export type Disputed = { readonly dossier: ChargeDossier; readonly attempt: AttemptRow };

type Told = Pick<NewDispute, 'disputeId' | 'amount' | 'channel' | 'state' | 'reason' | 'category' | 'answerBy'>;

/** What Xendit says of a dispute now. */
export function disputeEntry(ctx: Context, about: Disputed, dispute: Told, why: string, at: Temporal.Instant): Entry {
  return write(ctx, about, dispute, KINDS[dispute.state], at, { why, money: 0n });
}

/** Its bank took so much of the payment, or gave it back where that is less than nothing. */
export function takenEntry(ctx: Context, about: Disputed, dispute: Told, taken: bigint, at: Temporal.Instant): Entry {
  const [kind, why] =
    taken > 0n
      ? (['chargeback.taken', "the customer's bank took it"] as const)
      : (['chargeback.returned', "the customer's bank gave it back"] as const);
  return write(ctx, about, dispute, kind, at, { why, money: -taken });
}

const KINDS: Readonly<Record<DisputeState, EntryKind>> = {
  action_required: 'dispute.opened',
  under_review: 'dispute.opened',
  won: 'dispute.won',
  lost: 'dispute.lost',
};

function write(
  ctx: Context,
  { dossier, attempt }: Disputed,
  { disputeId, amount, channel, state, reason, category, answerBy }: Told,
  kind: EntryKind,
  at: Temporal.Instant,
  facts: { readonly why: string; readonly money: bigint },
): Entry {
  const detail = canonicalJson({
    dispute: disputeId,
    ...(reason !== null && { reason }),
    ...(category !== null && { category }),
    ...(answerBy !== null && isOpenDispute(state) && { answer_by: answerBy.toString() }),
  });
  const subject = { ...dossier, attempt, channel };
  return record(ctx.newId(dossier.charge.bucket), at, kind, subject, { ...facts, amount, outcome: state, detail });
}
