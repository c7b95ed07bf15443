import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import { cycleStart } from '../../domain/calendar/cycle.ts';
import { held } from '../../domain/charges/moves.ts';
import { coversDate, type Mandate } from '../../domain/methods/mandate.ts';
import { resumed } from '../../domain/subscriptions/moves.ts';
import { isShift, type OnResume } from '../../domain/subscriptions/pause.ts';
import { placeOf, scheduleOf } from '../../domain/subscriptions/schedule.ts';
import type { Terms } from '../../domain/subscriptions/terms.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { type Owned, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { withVoided } from '../change/after-void.ts';
import { owedAfter } from '../change/owing-after.ts';
import { type Facts, record } from '../change/record.ts';
import { type Shifted, shiftedCalendar } from '../change/shifted-calendar.ts';
import { unpaidCycles } from '../change/unpaid-cycles.ts';
import { mandateOf } from '../methods/request-for.ts';
import { withItemsEnded } from './lines/ended-items.ts';
import { type AtOnce, tryAtOnce } from './try-at-once.ts';
import { voidCharges } from './void-charges.ts';

const RESUMED = 'the subscription was resumed';
const NEVER_PAID = 'the subscription was resumed in a period that was never paid';

type Resuming = { readonly onResume: OnResume; readonly actor: string; readonly reason?: string | null };

/**
 * A paused subscription goes on, its cycles from the anchor, or from the day on which its calendar goes on. What was due is charged at once, and so is the period that runs if
 * it was never paid; or it is void, or held for a person. Periods that passed entirely stay void.
 */
export async function resumptionOf(
  ctx: Context,
  dossier: Owned,
  { onResume, actor, reason = null }: Resuming,
  now: Temporal.Instant,
): Promise<Change> {
  const stood = await calendarGoesOn(ctx, dossier, actor, now);
  const { subscription } = stood;
  const owned = { ...dossier, subscription };
  const { charges, entries, inDunning } = await whatWasDue(ctx, owned, { onResume, actor }, now);
  const { owed, onTrial } = await owedAfter(ctx, subscription, inDunning, charges);
  const after = resumed(subscription, owed, onTrial, now);
  const write = (kind: 'subscription.resumed' | 'subscription.ended', facts: Facts = {}) =>
    record(ctx.newId(subscription.bucket), now, kind, dossier, { actor, ...facts });
  const change = {
    seen: dossier.subscription,
    subscription: after,
    charges,
    ...(stood.agreed !== undefined && { agreed: stood.agreed }),
    entries: [
      write('subscription.resumed', becauseOf(await toldOf(ctx, stood), reason)),
      ...entries,
      ...(after.status === 'ended' ? [write('subscription.ended')] : []),
    ],
  };
  const by = { at: now, actor };
  return await withItemsEnded(ctx, dossier, await withVoided(ctx, dossier, change, charges, by), by);
}

/** A calendar that stood still in the pause goes on where it stood, on the day on which the pause is over. */
async function calendarGoesOn(
  ctx: Context,
  { subscription }: Owned,
  actor: string,
  now: Temporal.Instant,
): Promise<Shifted> {
  const { pause, resumesAt } = subscription;
  if (!isShift(pause)) return { subscription, days: 0, terms: [] };
  const at = resumesAt !== null && Temporal.Instant.compare(resumesAt, now) < 0 ? resumesAt : now;
  return await shiftedCalendar(ctx, subscription, { at, actor }, now);
}

/** By how many days its calendar moved, and whether its mandate reaches as far. */
async function toldOf(ctx: Context, { days, subscription, terms }: Shifted): Promise<Facts> {
  if (days === 0) return {};
  const { bucket, id, nextCycleAt } = subscription;
  const unpaid = (await unpaidCycles(ctx, [subscription])).get(id) ?? 0;
  const token = (await subscriptionDossier(ctx.db, bucket, id))?.token ?? null;
  const why = [
    `its cycles lie ${days} days later from now on`,
    ...(token === null ? [] : beyondMandate(subscription, { terms, unpaid }, mandateOf(token))),
  ].join('; ');
  return { why, detail: canonicalJson({ days, next_cycle_at: nextCycleAt?.toString() ?? null }) };
}

function beyondMandate(
  subscription: SubscriptionRow,
  { terms, unpaid }: { readonly terms: readonly Terms[]; readonly unpaid: number },
  mandate: Mandate,
): readonly string[] {
  const { over, next } = placeOf(subscription, terms, unpaid);
  const last = cycleStart(scheduleOf(subscription, terms), over === null ? next : over - 1);
  if (coversDate(mandate, last)) return [];
  return [
    `its method may be charged until ${mandate.recurringExpiry.toString()}, and its ${over === null ? 'next' : 'last'} charge is on ${last.toString()}: its customer has to save one again (POST .../onboarding)`,
  ];
}

/** Why somebody resumed it, behind what follows for its calendar. */
function becauseOf(facts: Facts, reason: string | null): Facts {
  if (reason === null) return facts;
  return { ...facts, why: typeof facts.why === 'string' ? `${facts.why}: ${reason}` : reason };
}

async function whatWasDue(
  ctx: Context,
  dossier: Owned,
  { onResume, actor }: Resuming,
  now: Temporal.Instant,
): Promise<AtOnce> {
  const { subscription } = dossier;
  if (onResume === 'void') {
    const open = await openChargesOf(ctx.db, subscription.id);
    const { charges, entries, outOfDunning } = voidCharges(ctx, dossier, open, RESUMED, now, actor);
    return { charges, entries, inDunning: subscription.inDunning - outOfDunning };
  }
  const tried = await tryAtOnce(ctx, dossier, { note: RESUMED, why: NEVER_PAID, actor }, now);
  if (onResume === 'charge') return tried;
  const charges = tried.charges.map((charge) => held(charge, 'by_hand', RESUMED));
  const entries = charges.map((charge) =>
    record(ctx.newId(charge.bucket), now, 'charge.held', { ...dossier, charge }, { why: RESUMED, actor }),
  );
  return { ...tried, charges, entries: [...tried.entries, ...entries] };
}
