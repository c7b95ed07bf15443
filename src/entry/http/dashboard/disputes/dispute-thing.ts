import { moneyText } from '../../../../domain/money/money-text.ts';
import { releaseDisputed } from '../../../../flows/disputes/release-disputed.ts';
import { type DisputeSubject, disputeSubjects } from '../../../../flows/views/acts/dispute-subjects.ts';
import { meanwhile } from '../../../../flows/views/acts/meanwhile.ts';
import type { Acted, Deed, Subject, Thing } from '../acts/thing.ts';
import { DISPUTE_STATES } from './dispute-words.ts';

export type Disputed = Subject & { readonly dispute: DisputeSubject };

const many = ({ dispute: { stopped } }: Disputed) => (stopped === 1 ? '1 subscription' : `${stopped} subscriptions`);

const release: Deed<Disputed> = {
  verb: 'release',
  word: 'Charge the customer again',
  saying: (what) => `Charge the customer of ${what} again`,
  past: 'Charged again',
  refusal: ({ dispute: { stopped } }) =>
    stopped > 0 ? null : 'No subscription of its customer is stopped: they are charged as their plans say.',
  lede: (all) =>
    `${all.map(many).join(' and ')} of this customer go on as their plans say, and what was held for the dispute is due and attempted within a minute. Whoever disputed one payment may dispute the next one too.`,
  after: ({ now }) => now,
  bounds: ({ dispute: { held, currency } }) => `The bank has ${moneyText(held, currency)} of the payment`,
  untouched: 'The dispute itself: it is accepted or challenged in Xendit’s dashboard.',
  asks: () => [],
  act: async (ctx, { id }, { actor, reason }): Promise<Acted> => {
    const decided = await releaseDisputed(ctx, id, { actor, reason });
    if (decided.kind === 'decided') return { kind: 'done' };
    return { kind: 'refused', detail: decided.kind === 'refused' ? decided.detail : 'There is no such dispute.' };
  },
  done: () => 'The customer is charged again.',
};

/** What may be decided about a dispute here; it is answered at Xendit. */
export const DISPUTES: Thing<Disputed> = {
  base: '/disputes/:id',
  one: 'dispute',
  many: 'disputes',
  isId: (text) => /^[\w.:-]{1,100}$/.test(text),
  load: async (ctx, ids) =>
    (await disputeSubjects(ctx, ids)).map((dispute) => ({
      id: dispute.id,
      dispute,
      seen: `${dispute.seen.seq}`,
      asSeen: dispute.seen,
      name: `the dispute of ${dispute.reference}`,
      path: `/disputes/${dispute.id}`,
      money: moneyText(dispute.amount, dispute.currency),
      now: DISPUTE_STATES[dispute.state],
    })),
  since: async (ctx, { dispute }, seen) => await meanwhile(ctx, { ...dispute.seen, seq: Number(seen) }),
  deeds: [release],
};
