import { z } from 'zod';
import { moneyText } from '../../../../domain/money/money-text.ts';
import { type RefundReason, refundReasons } from '../../../../domain/refunds/refund.ts';
import { shownRefunds } from '../../../../domain/refunds/shown-refund.ts';
import { askRefund } from '../../../../flows/refunds/ask-refund.ts';
import { approveRefund, type RefundDecided, withdrawRefund } from '../../../../flows/refunds/decide-refund.ts';
import { meanwhile } from '../../../../flows/views/acts/meanwhile.ts';
import {
  type PaidSubject,
  paidSubjects,
  previewRefund,
  type RefundSubject,
  refundSubjects,
} from '../../../../flows/views/acts/refund-subjects.ts';
import type { Asked, Given } from './asked.ts';
import { type Acted, type Deed, placeSeen, type Subject, type Thing } from './thing.ts';

export type Paid = Subject & { readonly paid: PaidSubject };
export type Refund = Subject & { readonly one: RefundSubject };

const placeOf = (reference: string, cycle: number | null) =>
  cycle === null ? `${reference}, an extra charge` : `${reference}, cycle ${cycle}`;

/** Xendit takes one of five words, and finance reads ours. */
export const REASONS: Readonly<Record<RefundReason, string>> = {
  REQUESTED_BY_CUSTOMER: 'Its customer asked for it',
  DUPLICATE: 'It was paid twice',
  CANCELLATION: 'The subscription was canceled',
  FRAUDULENT: 'It was fraud',
  OTHERS: 'Something else',
};

const PLAIN = /^\d{1,12}(\.\d{1,3})?$/;

function asks([one]: readonly Paid[]): readonly Asked[] {
  const most = one?.paid.most ?? null;
  return [
    {
      id: 'amount',
      label: one === undefined ? 'How much' : `How much, in ${one.paid.currency}`,
      hint: `A number like 49000 or 49.50, without separators of thousands${most === null || one === undefined ? '' : `; at most ${moneyText(most, one.paid.currency)}`}. Empty: all that is left.`,
      schema: z
        .string()
        .regex(PLAIN, 'must be a number like 49000 or 49.50, without separators of thousands')
        .optional(),
    },
    {
      id: 'told',
      label: 'What Xendit is told',
      value: 'REQUESTED_BY_CUSTOMER',
      choices: refundReasons.toSorted((a, b) => order(a) - order(b)).map((reason) => [reason, REASONS[reason]]),
      schema: z.enum(refundReasons, 'must be one of the list'),
    },
  ];
}

/** As they are met most often. */
const order = (reason: RefundReason) => Object.keys(REASONS).indexOf(reason);

const wish = ({ amount, told }: Given) => ({
  amount: amount === undefined ? null : Number(amount),
  reason: refundReasons.find((one) => one === told) ?? 'OTHERS',
});

const giving: Deed<Paid> = {
  verb: 'refund',
  word: 'Give money back',
  saying: (what) => `Give money of ${what} back`,
  past: 'Refund written down',
  refusal: ({ paid }) => paid.whyNot,
  lede: () =>
    'Money goes back to the customer over the method that they paid with. Above the sum of the catalog a second person has to approve it first.',
  after: ({ now }) => now,
  bounds: ({ paid }) => {
    const [came, back] = [moneyText(paid.cameIn, paid.currency), moneyText(paid.givenBack, paid.currency)];
    return `${came} came in, ${back} went back`;
  },
  untouched:
    'The subscription goes on and the cycle stays paid for: who is to be charged no more is canceled. Once Xendit has sent it, it cannot be called back.',
  asks,
  workedOut: async (ctx, { id, paid }, { actor, given }) => {
    const seen = await previewRefund(ctx, id, { ...wish(given), note: '', actor });
    if (seen.kind === 'bad_amount') return { kind: 'invalid', faults: wrongAmount(seen.message) };
    if (seen.kind === 'refused') return { kind: 'refused', detail: amountFault(seen.detail) };
    const money = moneyText(seen.amount, seen.currency);
    const left = moneyText(Math.round((paid.cameIn - paid.givenBack - seen.amount) * 100) / 100, seen.currency);
    return {
      kind: 'shown',
      saying: `Refund ${money}`,
      after: seen.state,
      money,
      bounds: seen.needsApproval
        ? 'Above the sum of the catalog: a second person approves it'
        : 'No second person is needed',
      lines: [
        ['Came in', moneyText(paid.cameIn, paid.currency)],
        ['Went back before', moneyText(paid.givenBack, paid.currency)],
        ['Left then', left],
        ['Over', seen.channel ?? 'what it was paid with'],
        ['Xendit is told', REASONS[wish(given).reason]],
      ],
      given: { ...given, amount: String(seen.amount) },
    };
  },
  act: async (ctx, { id, paid }, { actor, reason, given }): Promise<Acted> => {
    const asked = await askRefund(ctx, id, { ...wish(given), note: reason, actor });
    switch (asked.kind) {
      case 'asked':
        return {
          kind: 'done',
          said: `${moneyText(Number(given.amount ?? paid.most ?? 0), paid.currency)} ${asked.refund.state === 'wanted' ? 'goes back once a second person has approved it.' : 'goes back: Xendit is asked within a minute.'}`,
          links: [{ path: `/refunds/${asked.refund.id}`, name: 'The refund' }],
        };
      case 'not_found':
        return { kind: 'refused', detail: 'There is no such charge.' };
      case 'refused':
        return { kind: 'refused', detail: asked.detail };
      case 'bad_amount':
        return { kind: 'invalid', faults: wrongAmount(asked.message) };
    }
  },
  done: () => 'It is written down.',
};

/** What the flow says of the field by its name is a sentence with its label. */
function amountFault(message: string): string {
  return message.replace(/^(amount )?(?=[a-z])/, 'How much ');
}

const wrongAmount = (message: string) => [{ field: 'amount', message: amountFault(message) }];

/** A charge of which money may be given back. */
export const PAID_CHARGES: Thing<Paid> = {
  base: '/charges/:id',
  one: 'charge',
  many: 'charges',
  load: async (ctx, ids) => (await paidSubjects(ctx, ids)).map(paidOf),
  since: async (ctx, { paid }, seen) => await meanwhile(ctx, { ...paid.seen, seq: placeSeen(seen) }),
  deeds: [giving],
};

function paidOf(paid: PaidSubject): Paid {
  return {
    id: paid.id,
    paid,
    seen: String(paid.seen.seq),
    asSeen: paid.seen,
    name: placeOf(paid.reference, paid.cycle),
    reference: paid.reference,
    path: `/charges/${paid.id}`,
    money: paid.most === null ? null : moneyText(paid.most, paid.currency),
    now: paid.state,
  };
}

function decided(answer: RefundDecided): Acted {
  switch (answer.kind) {
    case 'decided':
      return { kind: 'done' };
    case 'not_found':
      return { kind: 'refused', detail: 'There is no such refund.' };
    case 'refused':
    case 'forbidden':
      return { kind: 'refused', detail: answer.detail };
  }
}

const isLost = ({ one }: Refund) => one.refund.state === 'unknown';

const refundDeeds: readonly Deed<Refund>[] = [
  {
    verb: 'approve',
    word: 'Approve',
    saying: (what) => `Approve the refund of ${what}`,
    past: 'Approved',
    refusal: ({ one }, actor) => one.whyNotApproved(actor),
    lede: ([first]) =>
      first?.one.refund.state === 'approved'
        ? 'Xendit did not take it. It is sent again within a minute: what was in its way has to be mended before.'
        : 'It is sent to Xendit within a minute, and cannot be called back then.',
    after: () => shownRefunds.approved,
    bounds: ({ one }) => `Asked for by ${one.refund.asked_by}: ${one.refund.note}`,
    untouched: 'The subscription and its other charges stay as they are.',
    asks: () => [],
    act: async (ctx, { id }, by) => decided(await approveRefund(ctx, id, by)),
    done: () => 'Xendit is asked within a minute.',
  },
  {
    verb: 'withdraw',
    word: 'Withdraw',
    saying: (what) => `Withdraw the refund of ${what}`,
    past: 'Withdrawn',
    refusal: ({ one }) => one.whyNotWithdrawn,
    lede: ([first]) =>
      first !== undefined && isLost(first)
        ? 'You vouch that Xendit does not have it. Should it be found there after all, it is in the books again.'
        : 'Nothing of it is sent. Another one may be asked for.',
    after: () => shownRefunds.withdrawn,
    bounds: ({ one }) => `Asked for by ${one.refund.asked_by}: ${one.refund.note}`,
    untouched: 'The charge stays paid, and its customer keeps what it gives.',
    asks: ([first]) => (first !== undefined && isLost(first) ? [LOOKED] : []),
    act: async (ctx, { id }, by) => decided(await withdrawRefund(ctx, id, by)),
    done: () => 'Nothing goes back by it.',
  },
];

const LOOKED: Asked = {
  id: 'looked',
  label: 'I have looked at Xendit: it does not have this refund',
  isTicked: true,
  schema: z.literal('yes', 'Look at Xendit first, then tick that it does not have it').transform(String),
};

/** What may be done with a refund by hand. */
export const REFUNDS: Thing<Refund> = {
  base: '/refunds/:id',
  one: 'refund',
  many: 'refunds',
  load: async (ctx, ids) => (await refundSubjects(ctx, ids)).map(refundOf),
  since: async (ctx, { one }, seen) => await meanwhile(ctx, { ...one.seen, seq: placeSeen(seen) }),
  deeds: refundDeeds,
};

function refundOf(one: RefundSubject): Refund {
  const { refund, reference, cycle, seen, state, asks: looks } = one;
  return {
    id: refund.id,
    one,
    // A refund that is lost from sight, or looked for, moves without an entry of the ledger.
    seen: `${seen.seq}.${refund.state}.${looks}`,
    asSeen: seen,
    name: placeOf(reference, cycle),
    reference,
    path: `/refunds/${refund.id}`,
    money: moneyText(refund.amount, refund.currency),
    now: state,
  };
}
