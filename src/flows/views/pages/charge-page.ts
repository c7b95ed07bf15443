import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { isOpen } from '../../../domain/charges/charge.ts';
import { type ShownState, shownState } from '../../../domain/charges/shown-state.ts';
import { chargeDossier } from '../../../infra/tables/charges/charges.ts';
import { policyOrNone, windowEndOf } from '../../change/policies.ts';
import { wholeChargeView } from '../charge-view.ts';
import type { WholeChargeView } from '../list-charges.ts';

/** What is left to try, while anything is. */
export type Room = {
  readonly retries: number;
  readonly spent: number;
  readonly policy: string;
  readonly then: string;
  /** Null where its window has not begun: nothing of it was tried yet. */
  readonly window: { readonly from: Temporal.Instant; readonly until: Temporal.Instant } | null;
  readonly mandateEnd: Temporal.PlainDate | null;
};

export type ChargePage = {
  readonly charge: WholeChargeView;
  readonly state: ShownState;
  readonly channel: string | null;
  readonly room: Room | null;
};

/** A charge with its story and what bounds it; null when nobody has it. */
export async function chargePage(ctx: Context, id: string): Promise<ChargePage | null> {
  const dossier = await chargeDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const { charge, token } = dossier;
  const view = await wholeChargeView(ctx, dossier);
  const lastOutcome = view.attempts.at(-1)?.outcome ?? null;
  return {
    charge: view,
    state: shownState({ ...charge, lastOutcome }),
    channel: token?.channelCode ?? null,
    room: isOpen(charge.status) ? await roomOf(ctx, dossier) : null,
  };
}

async function roomOf(
  ctx: Context,
  dossier: NonNullable<Awaited<ReturnType<typeof chargeDossier>>>,
): Promise<Room | null> {
  const { charge, token } = dossier;
  const { policy, unreadable } = await policyOrNone(ctx, charge);
  if (unreadable !== null) return null;
  const from = charge.windowFrom ?? charge.firstAttemptAt;
  return {
    retries: policy.retryAfterDays.length,
    spent: charge.ladderStep,
    policy: policy.name,
    then: policy.then,
    window: from === null ? null : { from, until: await windowEndOf(ctx, dossier) },
    mandateEnd: token?.recurringExpiry ?? null,
  };
}
