import type { DisputeState } from '../../../domain/disputes/dispute.ts';
import { words } from '../../../xendit/fields.ts';
import type { DisputeQuery, Dispute as Said } from '../../../xendit/resources/disputes.ts';
import type { Xendit } from '../../../xendit/xendit.ts';
import type { Dispute, DisputesPage, DisputesQuery } from '../dispute.ts';
import type { Answer } from '../gateway.ts';
import { readAmount } from './amounts.ts';
import { answerAs } from './answers.ts';

/** The largest page (docs/xendit.md 4.5). */
const PAGE = 100;

const STATES: Readonly<Record<Said['status'], DisputeState>> = {
  ACTION_REQUIRED: 'action_required',
  UNDER_REVIEW: 'under_review',
  WON: 'won',
  LOST: 'lost',
};

/** A dispute of an answer or a webhook: amounts are text, and what it came to in the end is null until then. */
export function disputeOf(said: Said): Dispute {
  const at = (written: string | null) => (written === null ? null : Temporal.Instant.from(written));
  return {
    disputeId: said.id,
    state: STATES[said.status],
    reason: said.status_reason,
    category: said.category === null ? null : words(said.category.name, 100),
    channel: said.channel_code,
    amount: readAmount(said.amount.initial, said.currency),
    written: `${said.currency} ${said.amount.initial}`,
    terminal: readAmount(said.amount.terminal, said.currency),
    answerBy: at(said.due_date),
    openedAt: at(said.created_at),
    toldAt: at(said.updated_at),
    paymentId: said.payment_id,
    referenceId: said.reference_id,
  };
}

export async function disputeById(xendit: Xendit, disputeId: string): Promise<Answer<Dispute>> {
  return answerAs(await xendit.disputes.get(disputeId), disputeOf);
}

/** One page of the account's disputes. */
export async function disputesOf(
  xendit: Xendit,
  query: DisputesQuery,
  after: string | null,
): Promise<Answer<DisputesPage>> {
  return answerAs(await xendit.disputes.list(queryOf(query, after)), ({ rows, unreadable, next_cursor: next }) => ({
    disputes: rows.map(disputeOf),
    unreadable,
    next,
  }));
}

function queryOf(query: DisputesQuery, after: string | null): DisputeQuery {
  const page = { limit: PAGE, ...(after !== null && { cursor: after }) };
  return 'paymentId' in query
    ? { ...page, payment_id: query.paymentId }
    : { ...page, created_after: query.since.toString({ smallestUnit: 'millisecond' }) };
}
