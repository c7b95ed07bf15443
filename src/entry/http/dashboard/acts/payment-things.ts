import { payOutside } from '../../../../flows/paying/pay-outside.ts';
import { dateText, plainText } from '../../api/texts.ts';
import { became, boundsOf, CHARGES, type Charge, each, vouching } from './charge-things.ts';
import type { Acted, Deed, Thing } from './thing.ts';

const paidElsewhere: Deed<Charge> = {
  verb: 'pay',
  word: 'Mark as paid',
  saying: (what) => `Mark ${what} as paid`,
  past: 'Marked as paid',
  refusal: ({ charge }) => charge.refusals.pay,
  lede: (all) => `${each(all)} is paid with money that came in elsewhere, whole: nothing of it is attempted any more.`,
  after: () => became('paid'),
  bounds: boundsOf,
  untouched: 'Credit, other charges and the payment method stay as they are, and Xendit hears nothing of it.',
  asks: (all) => [
    { id: 'received_on', label: 'Day on which it came in', hint: 'A day like 2026-03-01.', schema: dateText },
    {
      id: 'evidence',
      label: 'Where you keep it that it came in',
      hint: 'Each piece counts once; no names, since it stands in the ledger.',
      schema: plainText(500),
    },
    ...vouching(all),
  ],
  act: async (ctx, { charge }, { actor, reason, given: said }): Promise<Acted> => {
    const { id: chargeId, subscription, amount, currency } = charge;
    const paid = await payOutside(ctx, subscription, {
      amount,
      currency,
      receivedOn: Temporal.PlainDate.from(said.received_on ?? ''),
      evidence: said.evidence ?? '',
      reason,
      chargeId,
      actor,
    });
    switch (paid.kind) {
      case 'recorded':
        return { kind: 'done' };
      case 'not_found':
        return { kind: 'refused', detail: 'There is no such charge.' };
      case 'refused':
      case 'invalid':
        return paid;
    }
  },
  done: () => 'It is paid.',
};

/** What may be done with a charge that is owed, one at a time: each payment has its own evidence. */
export const OWED_CHARGES: Thing<Charge> = { ...CHARGES, deeds: [paidElsewhere] };
