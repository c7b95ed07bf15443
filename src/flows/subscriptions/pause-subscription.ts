import type { Context } from '../../context.ts';
import { dueInstant, localDate } from '../../domain/calendar/cycle.ts';
import { notPausedAfterAll, type Pausing, paused, toBePaused } from '../../domain/subscriptions/moves.ts';
import {
  isPausePlanned,
  isShift,
  type OnResume,
  type Pause,
  type PausedCycles,
} from '../../domain/subscriptions/pause.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { SubscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { withVoided } from '../change/after-void.ts';
import { awaitedEnds, awaitedOf } from '../change/changing/awaited-change.ts';
import { record, withReason } from '../change/record.ts';
import { replacedChange } from '../change/withdrawn-change.ts';
import { parkedCharges } from '../charges/parked-charges.ts';
import { resumptionOf } from '../charges/resumption.ts';
import { type Changed, changeSubscription, type Decided, type Refusal } from './change-subscription.ts';
import { pauseRefused } from './pause-refused.ts';

export type PauseInput = {
  /** At once unless said. */
  readonly at?: 'now' | 'period_end';
  /** The day on which it goes on by itself; left out: when somebody resumes it. */
  readonly until?: Temporal.PlainDate | null;
  /** What becomes then of the charges that were due; they are charged unless said. */
  readonly onResume?: OnResume;
  /** What becomes of the cycles meanwhile; they pass unless said. */
  readonly cycles?: PausedCycles;
  readonly reason?: string | null;
  readonly actor: string;
};

/**
 * Pauses a subscription. Now: no attempt starts after this commit. At the period's end: it is paused when its next cycle falls
 * due. Cycles that fall due meanwhile are opened as void, so that each has its row; the one whose period still runs when it is
 * resumed is due then, unless the pause says otherwise. Or none falls due: the calendar stands still (`shift`).
 */
export async function pauseSubscription(ctx: Context, id: string, input: PauseInput): Promise<Changed> {
  return await changeSubscription(ctx, id, 'pause', async (dossier, now) => {
    const { subscription } = dossier;
    const later = input.at === 'period_end' ? subscription.nextCycleAt : null;
    const pausing = pausingOf(subscription, input, later ?? now);
    if (!('pause' in pausing)) return pausing;
    const refused = await pauseRefused(ctx, subscription, input, later);
    if (refused !== null) return { refused };
    if (later !== null) return pausedLater(ctx, dossier, pausing, input, now);
    const pause = { ...pausing.pause, since: now.toString(), from_cycle: subscription.nextCycle };
    return await pausedNow(ctx, dossier, { ...pausing, pause }, input, now);
  });
}

type Asked = Pausing & { readonly pause: Pause };

/** The pause that is asked for, as one that has not begun; it ends by itself after it begins. */
function pausingOf(
  { timeZone, chargeAt }: SubscriptionRow,
  { until = null, onResume = 'charge', cycles = 'skip', reason = null }: PauseInput,
  begins: Temporal.Instant,
): Asked | Refusal {
  const pause = { since: null, from_cycle: null, on_resume: onResume, cycles, reason };
  if (until === null) return { pause, resumesAt: null };
  const first = localDate(begins, timeZone);
  if (Temporal.PlainDate.compare(until, first) <= 0)
    return {
      faults: [{ field: 'until', message: `must lie after ${first.toString()}, the day on which the pause begins` }],
    };
  return { pause, resumesAt: dueInstant(until, chargeAt, timeZone) };
}

const PAUSED = 'the subscription was paused';
const KEPT = 'a pause takes the place of the cancellation that was planned';
const NOTHING = { changes: [], charges: [], entries: [] } as const;

/** A change that waits for its payment is withdrawn: one that rests is not changed. */
async function pausedNow(
  ctx: Context,
  dossier: SubscriptionDossier,
  pausing: Asked,
  { reason = null, actor }: PauseInput,
  now: Temporal.Instant,
): Promise<Decided> {
  const { subscription } = dossier;
  // Why it is to be canceled is kept: it outlasts the pause.
  const why = subscription.cancelsAtPeriodEnd ? subscription.reason : reason;
  const awaited = await awaitedOf(ctx, subscription);
  const ended = awaited === null ? NOTHING : awaitedEnds(ctx, dossier, awaited, { why: PAUSED, actor }, now);
  const change = {
    seen: subscription,
    subscription: paused(subscription, pausing, why),
    charges: [...(await parkedCharges(ctx, subscription)), ...ended.charges],
    agreed: { changes: ended.changes },
    ...(awaited !== null && { replaces: replacedChange(awaited.change) }),
    entries: [
      record(ctx.newId(subscription.bucket), now, 'subscription.paused', dossier, { actor, why: reason }),
      ...ended.entries,
    ],
  };
  return await withVoided(ctx, dossier, change, ended.charges, { at: now, actor });
}

function pausedLater(
  ctx: Context,
  dossier: SubscriptionDossier,
  pausing: Asked,
  { reason = null, actor }: PauseInput,
  now: Temporal.Instant,
): Change | null {
  const { subscription } = dossier;
  if (isSame(subscription, pausing)) return null;
  const write = (kind: 'subscription.pause_requested' | 'subscription.cancel_withdrawn', why: string) =>
    record(ctx.newId(subscription.bucket), now, kind, dossier, { why, actor });
  return {
    seen: subscription,
    subscription: toBePaused(subscription, pausing),
    entries: [
      ...(subscription.cancelsAtPeriodEnd ? [write('subscription.cancel_withdrawn', KEPT)] : []),
      write('subscription.pause_requested', reason ?? 'paused at the end of the period'),
    ],
  };
}

/** The same pause is planned already. */
function isSame(subscription: SubscriptionRow, { pause, resumesAt }: Asked): boolean {
  const { pause: known } = subscription;
  const isSameEnd = (subscription.resumesAt?.toString() ?? null) === (resumesAt?.toString() ?? null);
  const isSameText = known?.on_resume === pause.on_resume && known.reason === pause.reason;
  return isPausePlanned(subscription) && isSameEnd && isSameText && isShift(known) === isShift(pause);
}

export type ResumeInput = {
  /** What becomes of the charges that were due; left out: as the pause says. */
  readonly onResume?: OnResume | undefined;
  readonly actor: string;
  readonly reason?: string | null;
};

/** Resumes a paused subscription; of one whose pause has not begun, the pause is taken back. */
export async function resumeSubscription(
  ctx: Context,
  id: string,
  { onResume, actor, reason = null }: ResumeInput,
): Promise<Changed> {
  const move = (one: SubscriptionRow) => (isPausePlanned(one) ? 'keep' : 'resume');
  return await changeSubscription(ctx, id, move, async (dossier, now) => {
    const { subscription } = dossier;
    if (isPausePlanned(subscription)) return pauseTakenBack(ctx, dossier, { actor, reason }, now);
    const wanted = onResume ?? subscription.pause?.on_resume ?? 'charge';
    return await resumptionOf(ctx, dossier, { onResume: wanted, actor, reason }, now);
  });
}

function pauseTakenBack(
  ctx: Context,
  dossier: SubscriptionDossier,
  { actor, reason }: Required<Pick<ResumeInput, 'actor' | 'reason'>>,
  now: Temporal.Instant,
): Change {
  const { subscription } = dossier;
  const facts = { why: withReason('the pause that was planned is taken back', reason), actor };
  return {
    seen: subscription,
    subscription: notPausedAfterAll(subscription),
    entries: [record(ctx.newId(subscription.bucket), now, 'subscription.pause_withdrawn', dossier, facts)],
  };
}
