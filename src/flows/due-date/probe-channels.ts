import type { AccountContext } from '../../context.ts';
import { afterProbe, type Breaker, isProbeDue, notProbed, probing } from '../../domain/control/breaker.ts';
import { channelOfKey } from '../../domain/control/channel-key.ts';
import { type Sign, signOf } from '../../domain/control/channel-sign.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import { breakerOf, chargesWaitingFor, moveBreaker, type Standing } from '../../infra/tables/charging/breakers.ts';
import type { Permit } from '../../infra/tables/control/binding.ts';
import { steady } from '../catalog/follow-catalog.ts';
import { releaseStreak } from '../charging/release-streak.ts';
import { wakeWaiting } from '../charging/start-channel.ts';
import { mayCharge } from '../control/may-charge.ts';
import { closeWaitingActions } from './actions/close-actions.ts';
import { type Answered, attemptCharges } from './attempt-charges.ts';
import { claim } from './claim-due-charges.ts';
import { settleAnswers } from './settle-answers.ts';

/** Charges looked at for one that may go out as a probe: a mandate or a limit may keep the first of them back. */
const MOST_TURNS = 5;

/**
 * Finds out whether stopped channels work again: after growing pauses a few of the charges that wait go out, from one process
 * of all. Charges of a channel that goes on are woken.
 * @returns whether charges may be due now that were not.
 */
export async function probeChannels(ctx: AccountContext): Promise<boolean> {
  const allowed = await mayCharge(ctx);
  if (allowed.kind === 'no') return false;
  // Whoever settled an answer while a breaker opened may have held its customer to it.
  for (const [channel, { state, isDoubted }] of allowed.channels)
    if (state !== 'closed' && isDoubted)
      await releaseStreak(ctx, await breakerOf(ctx.db, channel), await ctx.clock.now());
  const waiting = [...allowed.channels].filter(([, standing]) => standing.isWaitedFor);
  const done = await Promise.all(waiting.map((one) => attend(ctx, one, allowed.permit)));
  return done.includes(true);
}

async function attend(ctx: AccountContext, [channel, standing]: [string, Standing], permit: Permit): Promise<boolean> {
  if (standing.state === 'closed') {
    await wakeWaiting(ctx, channel);
    return true;
  }
  let sent = false;
  while (!ctx.stopping.aborted) {
    const after = await probe(ctx, channel, permit);
    if (after === null) return sent;
    sent = true;
    if (after.state === 'closed') {
      await wakeWaiting(ctx, channel);
      return true;
    }
  }
  return sent;
}

/** The breaker after one probe; null when it is not the time for one, or another process is at it. */
async function probe(ctx: AccountContext, channel: string, permit: Permit): Promise<Breaker | null> {
  const now = await ctx.clock.now();
  const before = await breakerOf(ctx.db, channel);
  if (before.state === 'closed' || !isProbeDue(before.probeAt, now)) return null;
  const id = ctx.newId(0);
  const taken = probing(before, id, now);
  if (!(await moveBreaker(ctx.db, before, taken))) return null;
  const signs = await send(ctx, taken, { ...permit, probe: id });
  const then = await ctx.clock.now();
  const after = signs.length === 0 ? notProbed(taken, then) : afterProbe(taken, signs, then);
  if (!(await moveBreaker(ctx.db, taken, after)) || signs.length === 0) return null;
  if (after.state === 'closed') ctx.log.warn('channel goes on', { channel, was: taken.why });
  return after;
}

async function send(ctx: AccountContext, { channel, room }: Breaker, permit: Permit): Promise<readonly Sign[]> {
  const look = async () => await chargesWaitingFor(ctx.db, ctx.buckets, channel, room * MOST_TURNS, permit);
  let found = await look();
  if (found.length === 0) {
    await closeWaitingActions(ctx, channel);
    found = await look();
  }
  const waiting = oneEach(found);
  for (let first = 0; first < waiting.length; first += room) {
    const batch = await claim(steady(ctx), waiting.slice(first, first + room), permit, await ctx.clock.now());
    if (batch.dossiers.length === 0) continue;
    const answers: Answered[] = [];
    for await (const some of attemptCharges(ctx, { ...batch, sample: channelOfKey(channel) })) answers.push(...some);
    await settleAnswers(ctx, answers);
    return answers.map(({ outcome }) => signOf(outcome, channelOfKey(channel)));
  }
  return [];
}

/** One a customer, as every statement and limit wants it. */
function oneEach(dossiers: readonly ChargeDossier[]): readonly ChargeDossier[] {
  return [...new Map(dossiers.map((dossier) => [dossier.charge.customerId, dossier])).values()];
}
