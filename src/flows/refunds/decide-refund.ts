import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { isLongLost } from '../../domain/refunds/looks.ts';
import { approved, withdrawn } from '../../domain/refunds/moves.ts';
import { isStuck } from '../../domain/refunds/shown-refund.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import { isDisputed } from '../../infra/tables/disputes/disputes.ts';
import { refundOf } from '../../infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { stillAsSeen } from '../change/as-seen.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { DISPUTED } from './ask-refund.ts';
import { endedDoubt } from './carried-out.ts';
import { refundEntry } from './refund-entry.ts';

export type RefundDecided =
  | { readonly kind: 'decided'; readonly refund: RefundRow }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string }
  /** Somebody else has to. */
  | { readonly kind: 'forbidden'; readonly detail: string };

type ByWhom = { readonly actor: string; readonly reason: string | null };

/**
 * Approves a refund that waits for a second person, who is not the one who asked for it. One that waits since Xendit did not take it is
 * tried again, whoever says so.
 */
export async function approveRefund(ctx: Context, id: string, by: ByWhom): Promise<RefundDecided> {
  const decided = await decide(
    ctx,
    id,
    (refund, now) => {
      const not = whyNotApproved(refund, by.actor);
      if (not !== null) return not;
      if (isStuck(refund))
        return {
          after: { ...refund, nextAt: now, asks: 0, approvedAt: now },
          outcome: 'approved',
          why: 'to be tried again',
        };
      return { after: approved(refund, by.actor, now), outcome: 'approved', why: 'approved by a second person' };
    },
    by,
    async ({ bucket, chargeId }) => ((await isDisputed(ctx.db, bucket, chargeId)) ? { refused: DISPUTED } : null),
  );
  if (decided.kind === 'decided') ctx.wake();
  return decided;
}

/**
 * Takes a refund back that was not sent. Whoever withdraws one of which nobody knows whether Xendit heard of it vouches that it did not;
 * should it be found there after all, it is in the books again.
 */
export async function withdrawRefund(ctx: Context, id: string, by: ByWhom): Promise<RefundDecided> {
  return await decide(
    ctx,
    id,
    (refund, now) => {
      const not = whyNotWithdrawn(refund, now);
      if (not !== null) return { refused: not };
      return { after: withdrawn(refund, by.reason ?? 'withdrawn', now), outcome: 'withdrawn', why: 'withdrawn' };
    },
    by,
  );
}

/** Why somebody may not approve a refund as it stands; null: they may. `forbidden`: somebody else has to. */
export function whyNotApproved(
  refund: RefundRow,
  actor: string,
): { readonly refused: string } | { readonly forbidden: string } | null {
  if (isStuck(refund)) return null;
  if (refund.state !== 'wanted')
    return { refused: `The refund is ${refund.state}; only one that is wanted can be approved.` };
  return refund.askedBy === actor
    ? { forbidden: `${actor} asked for this refund: somebody else has to approve it.` }
    : null;
}

/** Why a refund cannot be taken back as it stands; null: it can. */
export function whyNotWithdrawn(refund: RefundRow, now: Temporal.Instant): string | null {
  const { state } = refund;
  if (state !== 'wanted' && state !== 'approved' && state !== 'unknown')
    return `The refund is ${state}; only one that Xendit has not taken can be withdrawn.`;
  return tooYoung(refund, now);
}

/** What Xendit may still show is not withdrawn: its own news come up to a day late. */
function tooYoung({ state, sentAt, askedAt }: RefundRow, now: Temporal.Instant): string | null {
  if (state !== 'unknown' || isLongLost(sentAt ?? askedAt, now)) return null;
  return 'Nobody knows yet whether Xendit has this refund, and its news come up to a day late: look again tomorrow.';
}

type Wanted =
  | { readonly refused: string }
  | { readonly forbidden: string }
  | { readonly after: RefundRow; readonly outcome: 'approved' | 'withdrawn'; readonly why: string };

async function decide(
  ctx: Context,
  id: string,
  rule: (refund: RefundRow, now: Temporal.Instant) => Wanted,
  by: ByWhom,
  mayGo: (refund: RefundRow) => Promise<Wanted | null> = async () => null,
): Promise<RefundDecided> {
  const bucket = bucketOf(id);
  return await untilApplied<RefundDecided>(
    async () => {
      const refund = await refundOf(ctx.db, bucket, id);
      const dossier = refund === null ? null : await chargeDossier(ctx.db, bucket, refund.chargeId);
      if (refund === null || dossier === null) return { kind: 'not_found' };
      stillAsSeen(ctx, dossier.subscription);
      const now = await ctx.clock.now();
      const wanted = (await mayGo(refund)) ?? rule(refund, now);
      if ('refused' in wanted) return { kind: 'refused', detail: wanted.refused };
      if ('forbidden' in wanted) return { kind: 'forbidden', detail: wanted.forbidden };
      if (!(await isApplied(ctx, await changeOf(ctx, dossier, { ...wanted, seen: refund }, by, now)))) return LOST;
      return { kind: 'decided', refund: (await refundOf(ctx.db, bucket, id)) ?? wanted.after };
    },
    tooOften(`Refund ${id}`),
  );
}

async function changeOf(
  ctx: Context,
  dossier: ChargeDossier,
  { seen, after, outcome, why: what }: Extract<Wanted, { readonly after: RefundRow }> & { readonly seen: RefundRow },
  { actor, reason }: ByWhom,
  now: Temporal.Instant,
) {
  const kind = outcome === 'withdrawn' ? 'refund.failed' : 'refund.requested';
  const why = reason === null ? what : `${what}: ${reason}`;
  return {
    seen: dossier.subscription,
    refunds: { changed: [{ seen, after }], closed: outcome === 'withdrawn' ? await endedDoubt(ctx, after, now) : [] },
    entries: [refundEntry(ctx, dossier, after, kind, now, { outcome, why, actor })],
  };
}
