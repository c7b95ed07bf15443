import type { Context } from '../../context.ts';
import { isOpen } from '../../domain/charges/charge.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import { type Breaker, type Judged, judged, releasedByChannel, wayOutOf } from '../../domain/control/breaker.ts';
import { channelOfKey } from '../../domain/control/channel-key.ts';
import { isLimit, isReleased, type Sign, signOf } from '../../domain/control/channel-sign.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import type { Circumstances } from '../../domain/dunning/circumstances.ts';
import { isNoLastWord } from '../../domain/dunning/doubt.ts';
import { isChargeable } from '../../domain/subscriptions/subscription.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { breakerOf, dueOver, lastStanding, moveBreaker } from '../../infra/tables/charging/breakers.ts';
import { LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { keyOf } from '../charging/park-charges.ts';
import { releaseStreak } from '../charging/release-streak.ts';
import type { Answered } from './attempt-charges.ts';

/** Answers that are their channel's fault, by attempt: they do not count. */
export type OfChannels = ReadonlyMap<string, Extract<Sign, { kind: 'fault' | 'limit' }>>;

/**
 * Listens to what these answers say of their channels, before anything is decided about them; stops a channel that is at
 * fault. An ordinary answer of a channel that nobody doubts takes no statement.
 */
export async function judgeChannels(
  ctx: Context,
  news: readonly Answered[],
  dossiers: ReadonlyMap<string, AttemptDossier>,
  now: Temporal.Instant,
): Promise<OfChannels> {
  const released = new Map<string, Extract<Sign, { kind: 'fault' | 'limit' }>>();
  for (const [channel, answers] of Map.groupBy(news, ({ attemptId }) => channelOf(dossiers.get(attemptId)))) {
    if (channel === null) continue;
    const heard = answers.map((one) => heardOf(one, dossiers.get(one.attemptId), channelOfKey(channel)));
    if (!heard.some(({ sign }) => isSuspect(sign)) && !isListenedTo(ctx, channel)) continue;
    const breaker = await hear(ctx, channel, heard, now);
    if (breaker.state === 'closed') continue;
    for (const { attempt, sign } of heard)
      if (isReleased(sign, breaker.code) && (sign.kind === 'fault' || sign.kind === 'limit'))
        released.set(attempt, sign);
  }
  return released;
}

function channelOf(dossier: AttemptDossier | undefined): string | null {
  return dossier == null || dossier.token === null ? null : keyOf(dossier);
}

function heardOf(
  { attemptId, outcome, firstHand }: Answered,
  dossier: AttemptDossier | undefined,
  channel: string,
): Judged {
  // That it is still unknown says nothing new.
  const sign: Sign = outcome.kind === 'unknown' && firstHand !== true ? { kind: 'nothing' } : signOf(outcome, channel);
  return { attempt: attemptId, token: dossier?.attempt.tokenId ?? '', sign };
}

function isSuspect({ kind }: Sign): boolean {
  return kind === 'fault' || kind === 'limit';
}

function isListenedTo(ctx: Context, channel: string): boolean {
  const standing = lastStanding(ctx.db, channel);
  return standing?.isDoubted === true && standing.state === 'closed';
}

async function hear(ctx: Context, channel: string, heard: readonly Judged[], now: Temporal.Instant): Promise<Breaker> {
  return await untilApplied(
    async () => {
      const before = await breakerOf(ctx.db, channel);
      const after = judged(before, heard, now);
      if (before.answers.length === 0 && after.answers.length === 0 && before.state === after.state) return after;
      if (before.state !== 'closed') return before;
      if (!(await moveBreaker(ctx.db, before, after))) return LOST;
      if (after.state !== 'closed') await stopped(ctx, after, heard, now);
      return after;
    },
    tooOften(`The breaker of ${channel}`),
  );
}

/** What the fault did before it was seen as one is undone, and a person is told, once. */
async function stopped(ctx: Context, breaker: Breaker, heard: readonly Judged[], now: Temporal.Instant): Promise<void> {
  const { channel, code, why } = breaker;
  await releaseStreak(ctx, breaker, now);
  const onTheirWay = heard.filter(({ sign }) => isReleased(sign, code)).length;
  const delayed = onTheirWay + (await dueOver(ctx.db, channel, now));
  const facts = {
    channel,
    code,
    delayed,
    why: `${delayed} delayed, not failed: ${why}`,
    way_out: wayOutOf(channel, code),
  };
  if (isLimit(code)) ctx.log.warn('channel limited', facts);
  else ctx.log.error('channel stopped', facts);
}

/**
 * What is its channel's fault says nothing of a charge that can still be collected; null: it is decided as ever, and so is what
 * may still turn out otherwise.
 */
export function releasedOf(
  ofChannels: OfChannels,
  { attempt, token }: AttemptDossier,
  outcome: Outcome,
  given: Circumstances,
): Decision | null {
  const sign = ofChannels.get(attempt.id);
  if (sign === undefined || token === null) return null;
  if (outcome.kind === 'declined' && isNoLastWord(outcome, given)) return null;
  if (!isOpen(given.charge.status) || !isChargeable(given.history.subscription)) return null;
  return releasedByChannel(sign, token.channelCode, given);
}
