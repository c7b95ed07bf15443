import type { Context } from '../../context.ts';
import { keptAs } from '../../domain/charges/attempt-moves.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { decideAfterAction } from '../../domain/dunning/after-action.ts';
import type { Circumstances } from '../../domain/dunning/circumstances.ts';
import { decideClosed, decideNext } from '../../domain/dunning/dunning.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { applyEach, decideEach } from '../change/apply-each.ts';
import { proposedRefund } from '../change/findings/proposed-refunds.ts';
import { chargeOf, policyOrNone, withoutRules } from '../change/policies.ts';
import { dossiersOfAttempts, tokenPasts } from '../charges/histories.ts';
import { forItsChange } from '../charges/of-changes/for-its-change.ts';
import { sessionSettlement } from '../charges/session-settlement.ts';
import { settlementOf } from '../charges/settlement-of.ts';
import { tellOfDecline } from '../charges/tell-of-decline.ts';
import { stopIfAtFault } from '../charging/stop-account.ts';
import { heedRefusals } from '../control/heed-refusals.ts';
import { ofAccount } from '../control/of-account.ts';
import { correctionOf } from '../control/spending-brake.ts';
import { endMethod } from '../methods/end-method.ts';
import { echoFault, tellOfEcho, withEchoFault } from '../methods/mandate-echo.ts';
import { type Alternatives, alternativesIn, nameOf, settledWith } from '../methods/next-method.ts';
import { isReplaced } from '../methods/replaced-method.ts';
import { mandateOf } from '../methods/request-for.ts';
import type { Answered } from './attempt-charges.ts';
import { judgeChannels, type OfChannels, releasedOf } from './judge-channels.ts';
import { endsItsAction, isFirstHeard, isNews } from './news.ts';
import { openOverdue } from './open-overdue.ts';

/** Settled in one statement; larger ones gain nothing. */
const GROUP = 256;
/** A settlement loses to another of the same subscription at most this often in a row. */
const MOST_ROUNDS = 20;
/** Rounds in which rows that somebody else holds are waited for; then their outcomes are left to the rescue. */
const PATIENT_ROUNDS = 2;

/**
 * The one door through which an outcome changes anything: the answer, the webhook and the rescue all come here. Decides
 * on the newest state and writes on the condition that it still is; what lost the race is decided again.
 */
export async function settleAttempts(
  ctx: Context,
  answered: readonly Answered[],
  now: Temporal.Instant,
): Promise<void> {
  let open = answered;
  for (let round = 0; open.length > 0; round += 1) {
    if (round === MOST_ROUNDS)
      throw new Error(`${open.length} outcomes could not be settled in ${MOST_ROUNDS} rounds.`);
    open = [...(await settleGroup(ctx, open.slice(0, GROUP), now, round < PATIENT_ROUNDS)), ...open.slice(GROUP)];
  }
}

/** Settles one outcome a subscription; answers those that still have to be settled. */
async function settleGroup(
  ctx: Context,
  group: readonly Answered[],
  now: Temporal.Instant,
  isPatient: boolean,
): Promise<readonly Answered[]> {
  const dossiers = await dossiersOf(ctx, group, now);
  // Those that it opens are settled in the next round, on their new state.
  await openOverdue(ctx, [...dossiers.values()], now);
  const news = group.filter((one) => isNews(dossiers.get(one.attemptId), one));
  const turn = firstOfEach(news, dossiers);
  const ofChannels = await judgeChannels(ctx, news.filter(isFirstHeard(dossiers)), dossiers, now);
  const { decided, broken } = await decideAll(ctx, turn, dossiers, ofChannels, now);
  for (const { decision, dossier } of decided) await stopIfAtFault(ctx, dossier.charge.account, decision, now);
  const changes = decided.map((one) => one.change);
  ctx.failpoint?.('before-settle');
  const applied = await applyEach(ctx, changes);
  ctx.failpoint?.('after-settle');
  const done = decided.filter((one) => applied.done.has(one.change.seen.id));
  for (const one of done) await afterwards(ctx, one, now);
  for (const [account, some] of Map.groupBy(done, ({ dossier }) => dossier.charge.account)) {
    const outcomes = some.map(({ answered }) => answered.outcome);
    await heedRefusals(ofAccount(ctx, account), outcomes);
  }
  const finished = new Set(done.map((one) => one.answered.attemptId));
  // What cannot be settled stays open, and is asked about again: nothing is lost by leaving it.
  const isLeft = (id: string | undefined) =>
    id === undefined || broken.has(id) || applied.broken.has(id) || (!isPatient && applied.held.has(id));
  return news
    .filter((one) => !finished.has(one.attemptId) && !isLeft(dossiers.get(one.attemptId)?.subscription.id))
    .map(({ attemptId, outcome, firstHand = false }) => ({ attemptId, outcome, firstHand }));
}

/** Those that their sender did not bring along are read. */
async function dossiersOf(
  ctx: Context,
  group: readonly Answered[],
  now: Temporal.Instant,
): Promise<ReadonlyMap<string, AttemptDossier>> {
  const brought = group.flatMap(({ seen }) => (seen === undefined ? [] : [seen]));
  const others = group.filter(({ seen }) => seen === undefined).map(({ attemptId }) => attemptId);
  const dossiers = [...brought, ...(await dossiersOfAttempts(ctx, others, now))];
  return new Map(dossiers.map((dossier) => [dossier.attempt.id, dossier]));
}

function firstOfEach(group: readonly Answered[], dossiers: ReadonlyMap<string, AttemptDossier>): readonly Answered[] {
  const seen = new Set<string>();
  return group.filter((one) => {
    const subscription = dossiers.get(one.attemptId)?.subscription.id ?? '';
    return seen.has(subscription) ? false : seen.add(subscription);
  });
}

export type Settled = {
  readonly answered: Answered;
  readonly dossier: AttemptDossier;
  readonly decision: Decision;
  readonly change: Change;
};

async function decideAll(
  ctx: Context,
  turn: readonly Answered[],
  dossiers: ReadonlyMap<string, AttemptDossier>,
  ofChannels: OfChannels,
  now: Temporal.Instant,
): Promise<{ readonly decided: readonly Settled[]; readonly broken: ReadonlySet<string> }> {
  const pairs = turn.flatMap((answered) => {
    const dossier = dossiers.get(answered.attemptId);
    return dossier === undefined ? [] : [{ answered, dossier, subscription: dossier.subscription }];
  });
  const declined = pairs
    .filter(({ answered }) => answered.outcome.kind === 'declined')
    .flatMap(({ dossier }) => dossier.attempt.tokenId ?? []);
  const pastOf = await tokenPasts(ctx, declined, now);
  return await decideEach(ctx, pairs, async ({ answered, dossier }) => {
    if (dossier.attempt.via === 'session')
      return { answered, dossier, ...(await sessionSettlement(ctx, dossier, answered.outcome, now)) };
    const declinedAt = pastOf(dossier.attempt.tokenId).declinedAt(dossier.charge.amount, dossier.attempt.id);
    // Only of a subscription that has another method, and where it may be about to be tried.
    const isLooked = dossier.subscription.spareMethods > 0 && answered.outcome.kind === 'declined';
    const others = isLooked ? await alternativesIn(ctx, dossier, now) : null;
    const { given, unreadable } = await circumstances(ctx, dossier, declinedAt, others, now);
    const decided = releasedOf(ofChannels, dossier, answered.outcome, given) ?? decidedOf(dossier, answered, given);
    const ruled = withEchoFault(withoutRules(decided, unreadable), echoFault(dossier, answered.outcome));
    const isOfCycle = dossier.charge.cycle !== null;
    const ofChange = isOfCycle ? null : await forItsChange(ctx, dossier, answered.outcome, ruled, now);
    const { decision, made } = ofChange ?? { decision: ruled, made: null };
    const change = await settlementOf(ctx, dossier, answered.outcome, decision, now, made);
    return {
      answered,
      dossier,
      decision,
      change: {
        ...settledWith(others, change, decision, now),
        ...correctionOf(ctx, dossier, keptAs(answered.outcome, decision)),
      },
    };
  });
}

function decidedOf(dossier: AttemptDossier, answered: Answered, given: Circumstances): Decision {
  const { outcome } = answered;
  if (outcome.kind !== 'declined' || !endsItsAction(dossier, answered)) return decideNext(outcome, given);
  // What is planned of it otherwise stays planned.
  const { status, waitsUntil, waitsFor } = dossier.charge;
  const isWaitedFor = status === 'due' && waitsUntil !== null && waitsFor === null;
  return isWaitedFor ? decideAfterAction(outcome, given) : decideClosed(given);
}

async function circumstances(
  ctx: Context,
  dossier: AttemptDossier,
  declinedAt: readonly Temporal.Instant[],
  others: Alternatives | null,
  now: Temporal.Instant,
): Promise<{ readonly given: Circumstances; readonly unreadable: string | null }> {
  const { attempt, charge, subscription, token } = dossier;
  if (token === null) throw new Error(`Attempt ${attempt.id} has no payment token.`);
  const { policy, catalog, unreadable } = await policyOrNone(ctx, charge);
  const given: Circumstances = {
    charge: chargeOf(charge),
    attempt: {
      number: attempt.number,
      outcome: attempt.outcome,
      sentAt: attempt.sentAt,
      lastSentAt: attempt.repeatedAt ?? attempt.sentAt,
      failureCode: attempt.failureCode,
      channelCode: token.channelCode,
      asks: attempt.asks,
    },
    history: {
      subscription: subscription.status,
      timeZone: subscription.timeZone,
      chargeAt: subscription.chargeAt,
      network: token.network,
      declinedAt,
      tokenReplaced: await isReplaced(ctx, dossier),
      nextMethod: others?.next == null ? null : nameOf(others.next),
    },
    policy,
    mandate: mandateOf(token),
    limits: catalog.defaults.networkLimits,
    now,
  };
  return { given, unreadable };
}

/** What is told of a settled outcome, and what it means for others that share its method. */
async function afterwards(
  ctx: Context,
  { answered, dossier, decision, change }: Settled,
  now: Temporal.Instant,
): Promise<void> {
  const { outcome } = answered;
  for (const proposal of change.findings ?? []) {
    if (proposal.closedAt === null) ctx.log.error('refund proposed', proposedRefund(proposal));
  }
  if (decision.kind === 'hold' && dossier.charge.status !== 'held') {
    const way_out = 'look at it, then release it (dueday charges release) or void it';
    ctx.log.warn('charge held for a person', { charge_id: dossier.charge.id, why: decision.why.text, way_out });
  }
  const tokenId = dossier.token?.tokenId ?? null;
  const [ended] = change.tokens ?? [];
  // The same method may have been saved for other subscriptions too, which must not try it either.
  if (ended !== undefined && tokenId !== null)
    await endMethod(ctx, tokenId, { as: 'dead', why: ended.endedReason ?? '', actor: 'dueday', at: now }, now);
  const kept = keptAs(outcome, decision);
  ctx.counters.attemptSettled(kept, dossier.token?.channelCode ?? 'none');
  ctx.counters.decided(decision.kind);
  ctx.log.info('attempt settled', {
    charge_id: dossier.charge.id,
    attempt: dossier.attempt.number,
    outcome: kept,
    decision: decision.kind,
    rule: decision.why.rule,
  });
  const fault = echoFault(dossier, outcome);
  if (fault !== null && decision.kind !== 'ask_gateway') tellOfEcho(ctx, { charge_id: dossier.charge.id }, fault);
  if (kept === 'declined' && outcome.kind === 'declined') tellOfDecline(ctx, dossier, outcome, decision);
}
