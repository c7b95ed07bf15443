import type { AsSeen, Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { type ShownState, shownState } from '../../../domain/charges/shown-state.ts';
import { shownRefund } from '../../../domain/refunds/shown-refund.ts';
import { type ChargeDossier, chargeDossier, chargeDossiers } from '../../../infra/tables/charges/charges.ts';
import { refundsNamed } from '../../../infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../../infra/tables/schema/refunds/refund-columns.ts';
import { type RefundAsked, refundAsked } from '../../refunds/ask-refund.ts';
import { whyNotApproved, whyNotWithdrawn } from '../../refunds/decide-refund.ts';
import { type RefundView, refundView } from '../refund-view.ts';
import { major } from '../subscription-view.ts';

/** A charge as somebody has it before their eyes who gives money of it back. */
export type PaidSubject = {
  readonly id: string;
  readonly reference: string;
  /** Null of one that is for no cycle. */
  readonly cycle: number | null;
  readonly currency: string;
  readonly state: ShownState;
  readonly seen: AsSeen;
  /** All that came in for it, and what went back of that. */
  readonly cameIn: number;
  readonly givenBack: number;
  /** The most that one refund may give back now; null: nothing, and why. */
  readonly most: number | null;
  readonly whyNot: string | null;
};

const NOTHING_CAME = 'Nothing was collected for this charge: there is nothing to give back.';

/** The wish of whoever asks for all that is left. */
const ALL: RefundAsked = { amount: null, reason: 'OTHERS', note: '', actor: '' };

/** These charges with what may be given back of each; one that nobody has is missing. */
export async function paidSubjects(ctx: Context, ids: readonly string[]): Promise<readonly PaidSubject[]> {
  return await Promise.all((await chargeDossiers(ctx.db, ids)).map((one) => paidSubject(ctx, one)));
}

async function paidSubject(ctx: Context, dossier: ChargeDossier): Promise<PaidSubject> {
  const { charge, subscription } = dossier;
  const { currency } = charge;
  const cameIn = charge.collected + charge.overpaid;
  // Of what nothing came in nothing has to be read.
  const all = cameIn === 0n ? { refused: NOTHING_CAME } : await refundAsked(ctx, dossier, ALL);
  const most = 'refund' in all ? all.refund.amount : 'most' in all ? (all.most ?? null) : null;
  return {
    id: charge.id,
    reference: subscription.referenceId,
    cycle: charge.cycle,
    currency,
    state: shownState({ ...charge, lastOutcome: null }),
    seen: { subscription: subscription.id, seq: subscription.ledgerSeq },
    cameIn: major(cameIn, currency),
    givenBack: major(charge.refunded + charge.chargedBack, currency),
    most: most === null ? null : major(most, currency),
    whyNot: most === null && 'refused' in all ? all.refused : null,
  };
}

export type RefundPreviewed =
  | {
      readonly kind: 'shown';
      readonly amount: number;
      readonly currency: string;
      readonly channel: string | null;
      readonly state: ShownState;
      readonly needsApproval: boolean;
    }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'bad_amount'; readonly message: string };

/** What would be asked for, and whether somebody else has to approve it; nothing is written down. */
export async function previewRefund(ctx: Context, chargeId: string, asked: RefundAsked): Promise<RefundPreviewed> {
  const dossier = await chargeDossier(ctx.db, bucketOf(chargeId), chargeId);
  const made = dossier === null ? { refused: 'There is no such charge.' } : await refundAsked(ctx, dossier, asked);
  if ('fault' in made) return { kind: 'bad_amount', message: made.fault };
  if ('refused' in made) return { kind: 'refused', detail: made.refused };
  const { amount, currency, channel, state, nextAt } = made.refund;
  return {
    kind: 'shown',
    amount: major(amount, currency),
    currency,
    channel,
    state: shownRefund({ state, nextAt }),
    needsApproval: state === 'wanted',
  };
}

/** A refund as somebody has it before their eyes who decides about it. */
export type RefundSubject = {
  readonly refund: RefundView;
  readonly reference: string;
  readonly cycle: number | null;
  readonly state: ShownState;
  readonly seen: AsSeen;
  /** How often it was looked at in a row: a look is no entry of the ledger. */
  readonly asks: number;
  /** Why this person may not approve it; null: they may. */
  readonly whyNotApproved: (actor: string) => string | null;
  readonly whyNotWithdrawn: string | null;
};

/** These refunds, as they stand now; one that nobody has is missing. */
export async function refundSubjects(ctx: Context, ids: readonly string[]): Promise<readonly RefundSubject[]> {
  const refunds = await refundsNamed(ctx.db, ids);
  const now = await ctx.clock.now();
  const dossiers = await chargeDossiers(ctx.db, [...new Set(refunds.map(({ chargeId }) => chargeId))]);
  const byId = new Map(dossiers.map((one) => [one.charge.id, one]));
  return refunds.flatMap((refund) => {
    const dossier = byId.get(refund.chargeId);
    return dossier === undefined ? [] : [refundSubject(refund, dossier, now)];
  });
}

function refundSubject(
  refund: RefundRow,
  { charge, subscription }: ChargeDossier,
  now: Temporal.Instant,
): RefundSubject {
  return {
    refund: refundView(refund),
    reference: subscription.referenceId,
    cycle: charge.cycle,
    state: shownRefund(refund),
    seen: { subscription: subscription.id, seq: subscription.ledgerSeq },
    asks: refund.asks,
    whyNotApproved: (actor) => {
      const not = whyNotApproved(refund, actor);
      if (not === null) return null;
      return 'refused' in not ? not.refused : not.forbidden;
    },
    whyNotWithdrawn: whyNotWithdrawn(refund, now),
  };
}
