import { type Money, moneyText } from '../money/money.ts';

/** How a channel gives money back: not at all, only the whole payment, or parts of it too; and for how many days (null: nobody says). */
type ChannelRefunds = { readonly gives: 'nothing' | 'whole' | 'parts'; readonly days: number | null };

const parts = (days: number): ChannelRefunds => ({ gives: 'parts', days });
const NOTHING: ChannelRefunds = { gives: 'nothing', days: null };

/**
 * By country and channel: docs.xendit.co/docs/available-payment-channels (April 2026; columns "Refund", "Partial refund", "Refund
 * validity"). Where a channel's own page says that it gives nothing back (BPI_RECURRING, UBP_EADA), that page is believed.
 */
const REFUNDS: Readonly<Record<string, Readonly<Record<string, ChannelRefunds>>>> = {
  ID: {
    CARDS: parts(365),
    BRI_DIRECT_DEBIT: { gives: 'whole', days: 120 },
    DANA: parts(30),
    GOPAY: parts(45),
    GOPAY_RECURRING: parts(45),
    OVO: parts(14),
    SHOPEEPAY: parts(365),
  },
  MY: { CARDS: parts(365), GRABPAY: parts(365), SHOPEEPAY: parts(365), TOUCHNGO: parts(30) },
  PH: {
    CARDS: parts(365),
    BPI_RECURRING: NOTHING,
    GRABPAY: parts(365),
    PAYMAYA: parts(365),
    SHOPEEPAY: parts(90),
    UBP_EADA: NOTHING,
  },
  TH: {
    CARDS: parts(365),
    BBL_DIRECT_DEBIT: NOTHING,
    KRUNGSRI_DIRECT_DEBIT: NOTHING,
    KTB_DIRECT_DEBIT: NOTHING,
    SCB_DIRECT_DEBIT: NOTHING,
  },
  VN: { CARDS: parts(365) },
  SG: { CARDS: parts(365) },
};

/** What is to be given back of a payment. */
export type ToGiveBack = {
  readonly country: string;
  /** Null: nobody knows how the customer paid, and Xendit is asked. */
  readonly channel: string | null;
  readonly paid: Money;
  readonly paidAt: Temporal.Instant;
  readonly amount: bigint;
};

/** Why the channel does not give it back, in a sentence for a person; null when it does, or when only Xendit knows. */
export function channelRefuses(
  { country, channel, paid, paidAt, amount }: ToGiveBack,
  now: Temporal.Instant,
): string | null {
  const rule = channel === null ? undefined : REFUNDS[country]?.[channel];
  if (rule === undefined) return null;
  if (rule.gives === 'nothing')
    return `${channel} gives no money back: pay the customer in another way, and write it down as a note.`;
  if (rule.gives === 'whole' && amount !== paid.minor)
    return `${channel} gives back a whole payment and no part of it: the payment was ${moneyText(paid)}.`;
  if (rule.days === null || Temporal.Instant.compare(now, paidAt.add({ hours: 24 * rule.days })) <= 0) return null;
  const days = Math.floor(now.since(paidAt).total('hours') / 24);
  return `${channel} gives money back for ${rule.days} days, and this was paid ${days} days ago: pay the customer in another way.`;
}
