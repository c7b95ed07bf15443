import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { isOpen } from '../../../domain/charges/charge.ts';
import { type ShownState, shownState } from '../../../domain/charges/shown-state.ts';
import { type NetworkUse, networkUses } from '../../../domain/declines/network-limits.ts';
import { methodWords } from '../../../domain/methods/method-words.ts';
import { findingsAbout } from '../../../infra/tables/books/findings.ts';
import { type ChargeDossier, chargeDossier } from '../../../infra/tables/charges/charges.ts';
import { methodById } from '../../../infra/tables/methods/subscription-methods.ts';
import { refundsOfCharge } from '../../../infra/tables/refunds/refunds.ts';
import type { TokenRow } from '../../../infra/tables/schema/method-columns.ts';
import { policyOrNone, windowEndOf } from '../../change/policies.ts';
import { tokenPasts } from '../../charges/histories.ts';
import { wholeChargeView } from '../charge-view.ts';
import type { WholeChargeView } from '../list-charges.ts';
import { endView } from '../list-methods.ts';
import { type RefundTold, refundTold } from '../refund-view.ts';
import { major } from '../subscription-view.ts';

/** What is left to try, while anything is, and what says so. */
export type Room = {
  readonly policy: string;
  /** Days before each retry, after the decline before it. */
  readonly retryAfterDays: readonly number[];
  readonly windowDays: number;
  /** Steps of the ladder that were decided on; the one that is planned is among them. */
  readonly spent: number;
  readonly then: string;
  /** Null where its window has not begun: nothing of it was tried yet. */
  readonly window: { readonly from: Temporal.Instant; readonly until: Temporal.Instant } | null;
  readonly network: {
    readonly name: string;
    readonly uses: readonly NetworkUse[];
    /** The catalog version whose limits hold. */
    readonly version: number;
  } | null;
  readonly mandate: {
    /** Fewest days between charges. */
    readonly frequency: number;
    readonly until: Temporal.PlainDate;
    readonly savedAt: Temporal.Instant;
    /** The last attempt that reached the issuer. */
    readonly lastReached: Temporal.Instant | null;
  } | null;
};

/** Something that our books and Xendit's disagree about, or that a person has to act on. */
export type ShownFinding = {
  readonly kind: string;
  readonly why: string;
  readonly foundAt: Temporal.Instant;
  readonly closedAt: Temporal.Instant | null;
  readonly closedWhy: string | null;
  /** The refund that is proposed, in major units. */
  readonly refund: { readonly amount: number; readonly currency: string } | null;
};

export type ChargePage = {
  readonly charge: WholeChargeView;
  readonly state: ShownState;
  /** What its subscription is charged over now; null: nothing that was saved. */
  readonly method: { readonly words: string; readonly endsOn: Temporal.PlainDate; readonly isActive: boolean } | null;
  readonly room: Room | null;
  readonly findings: readonly ShownFinding[];
  /** What was given back of it, or is to be, newest first. */
  readonly refunds: readonly RefundTold[];
  /** The customer as the product knows them; null: it gave no reference. */
  readonly customer: string | null;
};

/** A charge with its story, what bounds it, and what was found about it; null when nobody has it. */
export async function chargePage(ctx: Context, id: string, now: Temporal.Instant): Promise<ChargePage | null> {
  const bucket = bucketOf(id);
  const dossier = await chargeDossier(ctx.db, bucket, id);
  if (dossier === null) return null;
  const { charge, subscription, token } = dossier;
  const method = token === null ? null : await methodById(ctx.db, bucket, token.id);
  const [view, room, findings, refunds] = await Promise.all([
    wholeChargeView(ctx, dossier),
    isOpen(charge.status) ? roomOf(ctx, dossier, method, now) : null,
    findingsAbout(ctx.db, bucket, id),
    charge.collected + charge.overpaid === 0n ? [] : refundsOfCharge(ctx.db, bucket, id),
  ]);
  return {
    charge: view,
    state: shownState({ ...charge, lastOutcome: view.attempts.at(-1)?.outcome ?? null }),
    method:
      method === null
        ? null
        : {
            words: methodWords(method),
            endsOn: Temporal.PlainDate.from(endView(method, subscription).ends_on),
            isActive: method.status === 'active',
          },
    room,
    customer: dossier.customer.referenceId,
    refunds: refunds.map((one) => refundTold(one, subscription.timeZone)).toReversed(),
    findings: findings.map(({ kind, why, foundAt, closedAt, closedWhy, amount, currency }) => ({
      kind,
      why,
      foundAt,
      closedAt,
      closedWhy,
      refund: amount === null || currency === null ? null : { amount: major(amount, currency), currency },
    })),
  };
}

async function roomOf(
  ctx: Context,
  dossier: ChargeDossier,
  method: TokenRow | null,
  now: Temporal.Instant,
): Promise<Room | null> {
  const { charge } = dossier;
  const { policy, unreadable } = await policyOrNone(ctx, charge);
  if (unreadable !== null) return null;
  const from = charge.windowFrom ?? charge.firstAttemptAt;
  const past = method === null ? null : (await tokenPasts(ctx, [method.id], now))(method.id);
  const { defaults, version } = ctx.catalog.current;
  return {
    policy: policy.name,
    retryAfterDays: policy.retryAfterDays,
    windowDays: policy.windowDays,
    spent: charge.ladderStep,
    then: policy.then,
    window: from === null ? null : { from, until: await windowEndOf(ctx, dossier) },
    network:
      method === null || past === null
        ? null
        : {
            name: method.network ?? method.channelCode,
            uses: networkUses(defaults.networkLimits, method.network, past.declinedAt(charge.amount, null), now),
            version,
          },
    mandate:
      method === null || past === null
        ? null
        : {
            frequency: method.recurringFrequency,
            until: method.recurringExpiry,
            savedAt: method.savedAt,
            lastReached: past.lastReached(null),
          },
  };
}
