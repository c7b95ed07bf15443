import type { Context } from '../../context.ts';
import { heldAfterTries } from '../../domain/charges/moves.ts';
import { parked } from '../../domain/charges/waits.ts';
import { channelOfKey } from '../../domain/control/channel-key.ts';
import { isLimit } from '../../domain/control/channel-sign.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { settleCharge, settleSubscription } from '../../domain/dunning/settlement.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type ChargeDossier, overdueWaits } from '../../infra/tables/charges/charges.ts';
import { breakerOf } from '../../infra/tables/charging/breakers.ts';
import { applyEach, decideEach } from '../change/apply-each.ts';
import { cyclesBeside, decidedLater } from '../change/decided-later.ts';
import { policyOrNone, withoutRules } from '../change/policies.ts';
import { record } from '../change/record.ts';
import { lapsedChange } from '../charges/of-changes/lapsed-change.ts';
import { andVoidTheRest } from '../charges/void-charges.ts';

const BATCH = 256;
/** Rounds in a row in which somebody else was faster: enough for any race, and an end to a bug. */
const MOST_IDLE_ROUNDS = 20;

const UNPAID = 'it was not paid in time';

/** Gives up charges whose customer did not act before the dunning window ended. */
export async function giveUpWaiting(ctx: Context, now: Temporal.Instant): Promise<void> {
  const broken = new Set<string>();
  for (let idle = 0; idle < MOST_IDLE_ROUNDS; ) {
    const found = await overdueWaits(ctx.db, ctx.buckets, now, BATCH + broken.size);
    const over = found.filter((dossier) => !broken.has(dossier.subscription.id)).filter(isFirstOfItsSubscription);
    if (over.length === 0) return;
    const given = await decideEach(ctx, over, async (dossier) => await changeOf(ctx, dossier, now));
    const applied = await applyEach(ctx, given.decided);
    for (const id of [...given.broken, ...applied.broken, ...applied.held]) broken.add(id);
    idle = applied.done.size > 0 ? 0 : idle + 1;
  }
}

async function changeOf(ctx: Context, dossier: ChargeDossier, now: Temporal.Instant): Promise<Change> {
  const lapsed = dossier.charge.cycle === null ? await lapsedChange(ctx, dossier, UNPAID, now) : null;
  if (lapsed !== null) return lapsed;
  if (dossier.subscription.status !== 'paused' && dossier.charge.waitsFor !== null)
    return await heldForChannel(ctx, dossier, dossier.charge.waitsFor, now);
  return parkedIfPaused(dossier) ?? (await givenUp(ctx, dossier, now));
}

/** It was its channel that kept it from being tried, and not its customer: a person decides instead of the policy. */
async function heldForChannel(
  ctx: Context,
  dossier: ChargeDossier,
  channel: string,
  now: Temporal.Instant,
): Promise<Change> {
  const { charge, subscription } = dossier;
  const { code, why: cause } = await breakerOf(ctx.db, channel);
  const reason = isLimit(code) ? 'throttled' : 'channel_stopped';
  const text = `Its window ended while ${channel} was stopped${cause === null ? '' : `: ${cause}`}`;
  const way_out = `once ${channel} works, release it (dueday charges release), or void it`;
  ctx.log.warn('charge held for a person', { charge_id: charge.id, why: text, way_out });
  return {
    seen: subscription,
    charges: [heldAfterTries(charge, reason, text)],
    entries: [
      record(
        ctx.newId(charge.bucket),
        now,
        'charge.held',
        { ...dossier, channel: channelOfKey(channel) },
        { why: text },
      ),
    ],
  };
}

/**
 * Left alone until somebody resumes it: its customer may replace the method meanwhile. On the condition that it is still
 * paused, since nobody would look at it again otherwise.
 */
function parkedIfPaused({ charge, subscription }: ChargeDossier): Change | null {
  if (subscription.status !== 'paused') return null;
  return {
    seen: subscription,
    charges: [parked(charge, 'The subscription is paused.')],
    entries: [],
  };
}

function isFirstOfItsSubscription(dossier: ChargeDossier, index: number, all: readonly ChargeDossier[]): boolean {
  return all.findIndex((other) => other.subscription.id === dossier.subscription.id) === index;
}

async function givenUp(ctx: Context, dossier: ChargeDossier, now: Temporal.Instant): Promise<Change> {
  const { charge, subscription } = dossier;
  const { policy, unreadable } = await policyOrNone(ctx, charge);
  const text = 'The customer did not replace the payment method before the dunning window ended.';
  const why = {
    class: 'needs_customer',
    rule: 'window_over',
    text,
    counted: { attempts: charge.attempts },
    catalogVersion: charge.catalogVersion,
  } as const;
  const decision: Decision = withoutRules({ kind: 'give_up', then: policy.then, why }, unreadable);
  const after = settleCharge(charge, decision, now);
  const dunning = { before: charge.inDunning, after: after.inDunning };
  const later = await decidedLater(ctx, dossier, decision);
  const beside = await cyclesBeside(ctx, dossier);
  const moved = settleSubscription(subscription, decision, dunning, now, later, beside);
  const facts = {
    class: why.class,
    decision: decision.kind,
    why: decision.why.text,
    failureCode: charge.lastFailureCode,
  };
  const changed = moved.status !== subscription.status;
  const change = {
    seen: subscription,
    charges: [after],
    subscription: moved,
    entries: [
      record(
        ctx.newId(charge.bucket),
        now,
        decision.kind === 'hold' ? 'charge.held' : 'charge.uncollectible',
        dossier,
        facts,
      ),
      ...(changed ? [record(ctx.newId(charge.bucket), now, `subscription.${moved.status}`, dossier, facts)] : []),
    ],
  };
  return await andVoidTheRest(ctx, dossier, change, now);
}
