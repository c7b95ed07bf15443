import type { Context } from '../../context.ts';
import { askedAgain, type FindingKind } from '../../domain/books/finding.ts';
import { type ToldFinding, toldFindings } from '../../infra/tables/books/told-findings.ts';
import { major } from '../views/subscription-view.ts';
import { kindOfFinding, type Matter, MOST } from './matter.ts';

/** Payments about which our books and Xendit's do not agree, or that are to be given back. */
export async function findingMatters({ db }: Context): Promise<readonly Matter[]> {
  return (await toldFindings(db, null, MOST + 1)).map(matterOf);
}

function matterOf(finding: ToldFinding): Matter {
  const { kind, reference, subscription, subscriptionId, chargeId, cycle, amount, currency, why, foundAt, refundId } =
    finding;
  const place = cycle === null ? [] : [`cycle ${cycle}`];
  return {
    kind: kindOfFinding(kind),
    key: `${kind} ${reference}`,
    title: `${TITLES[kind]}: ${[subscription ?? reference, ...place].join(', ')}`,
    path: pathOf(subscription, subscriptionId, chargeId),
    story: [why, `It stands under the reference ${reference}.`],
    otherwise: askedAgain.includes(kind)
      ? 'Xendit is asked about it again and again; it closes by itself once the books agree.'
      : (STAYS[kind] ?? 'It stays as it is: dueday gives no money back by itself.'),
    stake: amount === null || currency === null ? null : { amount: major(amount, currency), currency },
    since: Temporal.Instant.from(foundAt),
    decideBy: null,
    cause: null,
    charge: null,
    acts: actsOf({ refundId, chargeId, amount }),
  };
}

/** A refund that is lost from sight is looked at itself; money that is proposed to go back is asked for at its charge. */
function actsOf({ refundId, chargeId, amount }: Pick<ToldFinding, 'refundId' | 'chargeId' | 'amount'>): Matter['acts'] {
  if (refundId !== null) return { of: 'refund', id: refundId };
  return chargeId === null || amount === null ? null : { of: 'paid_charge', id: chargeId };
}

/** What our books do not have is shown by what is said of it alone. */
function pathOf(subscription: string | null, subscriptionId: string, chargeId: string | null): string {
  if (subscription === null) return '/queue?kind=books';
  return chargeId === null ? `/subscriptions/${subscriptionId}` : `/charges/${chargeId}`;
}

const STAYS: Partial<Readonly<Record<FindingKind, string>>> = {
  unknown_refund:
    'It is looked for at Xendit for a month, and never sent again by itself: withdraw it if Xendit does not have it.',
};

const TITLES: Readonly<Record<FindingKind, string>> = {
  overpayment: 'Overpayment',
  second_payment: 'Paid twice by one attempt',
  late_success: 'Late success',
  unrecorded_payment: 'Payment that nobody recorded',
  amount_mismatch: 'Another amount than ours',
  not_at_xendit: 'Not in Xendit’s books',
  unlinked_session: 'Saved method that is not charged',
  returned: 'Given back at Xendit',
  unknown_refund: 'Refund of which nobody knows',
  dispute: 'Dispute beyond our books',
};
