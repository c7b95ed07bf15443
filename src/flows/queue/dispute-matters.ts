import type { Context } from '../../context.ts';
import { moneyText } from '../../domain/money/money-text.ts';
import { type DisputeToDecide, disputesToDecide } from '../../infra/tables/disputes/told-disputes.ts';
import { major } from '../views/subscription-view.ts';
import { type Matter, MOST } from './matter.ts';

/** Disputes that have to be answered at Xendit, and customers who are charged no more for one until somebody decides. */
export async function disputeMatters({ db }: Pick<Context, 'db'>): Promise<readonly Matter[]> {
  return (await disputesToDecide(db, MOST + 1)).map(matterOf);
}

function matterOf(dispute: DisputeToDecide): Matter {
  const { disputeId, reference, cycle, currency, openedAt, answerBy, state, stopped } = dispute;
  const amount = major(BigInt(dispute.amount), currency);
  const held = major(BigInt(dispute.held), currency);
  const isToAnswer = state === 'action_required';
  const place = cycle === null ? 'an extra charge' : `cycle ${cycle}`;
  return {
    kind: 'disputed',
    key: disputeId,
    title: `${isToAnswer ? 'Disputed payment' : 'Stopped by a dispute'}: ${reference}, ${place}`,
    path: `/disputes/${disputeId}`,
    story: [
      `The customer disputes ${moneyText(amount, currency)} with their bank${dispute.category === null ? '' : ` (${dispute.category})`}.`,
      held === 0 ? 'The bank has none of it now.' : `The bank has ${moneyText(held, currency)} of it.`,
      ...(isToAnswer ? ['It is accepted or challenged in Xendit’s dashboard.'] : [ENDS[state]]),
      ...(stopped === 0 ? [] : [waits(stopped)]),
    ],
    otherwise: [
      ...(isToAnswer ? ['The dispute is lost, and the bank keeps the money.'] : []),
      ...(stopped === 0 ? [] : ['Nothing is charged to this customer until somebody decides.']),
    ].join(' '),
    stake: { amount, currency },
    since: Temporal.Instant.from(openedAt),
    decideBy:
      isToAnswer && answerBy !== null
        ? { at: Temporal.Instant.from(answerBy), words: 'what nobody has answered at Xendit is lost' }
        : null,
    cause: null,
    charge: null,
    acts: { of: 'dispute', id: disputeId },
  };
}

const ENDS: Readonly<Record<DisputeToDecide['state'], string>> = {
  action_required: 'It has to be answered.',
  under_review: 'It was answered, and is decided by others.',
  won: 'It was won.',
  lost: 'It was lost.',
};

function waits(stopped: number): string {
  const many = stopped === 1 ? '1 subscription is' : `${stopped} subscriptions are`;
  return `${many} stopped since then: what falls due is held, whatever becomes of the dispute.`;
}
