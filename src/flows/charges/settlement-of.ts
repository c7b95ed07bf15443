import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import type { Entry, EntryKind } from '../../domain/books/ledger.ts';
import { actionWords, isOpenAction, OPEN_ACTION, toldActions } from '../../domain/charges/action.ts';
import { answered, keptAs } from '../../domain/charges/attempt-moves.ts';
import { noLongerAsked } from '../../domain/charges/charge.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import { untilResumed } from '../../domain/charges/waits.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { endsToken } from '../../domain/declines/decline.ts';
import { actionEnd } from '../../domain/dunning/channel-life.ts';
import { settleCharge, settleSubscription } from '../../domain/dunning/settlement.ts';
import { ended } from '../../domain/methods/token-moves.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import type { AttemptOutcome, ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { TokenState } from '../../infra/tables/schema/method-columns.ts';
import { withVoided } from '../change/after-void.ts';
import { cyclesBeside, decidedLater } from '../change/decided-later.ts';
import { proposalOf } from '../change/findings/proposed-refunds.ts';
import { type Facts, record } from '../change/record.ts';
import { type ForItsChange, withItsChange } from './of-changes/for-its-change.ts';
import { andVoidTheRest } from './void-charges.ts';

/** Everything that one decision changes: attempt, charge, subscription, token and ledger, to be applied together. */
export async function settlementOf(
  ctx: Context,
  dossier: AttemptDossier,
  outcome: Outcome,
  decision: Decision,
  now: Temporal.Instant,
  made: ForItsChange['made'] = null,
): Promise<Change> {
  const attempt = answered(dossier.attempt, outcome, decision, now, endOfActions(dossier));
  const settled = chargeAfter(dossier, outcome, decision, now);
  // A paused subscription's charge is due again, but not before somebody resumes it.
  const charge = dossier.subscription.status === 'paused' ? untilResumed(settled) : settled;
  const dunning = { before: dossier.charge.inDunning, after: charge.inDunning };
  const later = await decidedLater(ctx, dossier, decision);
  const beside = await cyclesBeside(ctx, dossier);
  const subscription = settleSubscription(dossier.subscription, decision, dunning, now, later, beside);
  const token = tokenAfter(dossier, outcome, decision, now);
  const entries = entriesOf(ctx, dossier, { outcome, decision, attempt, status: subscription.status, token }, now);
  const change = {
    seen: dossier.subscription,
    attempts: [attempt],
    charges: [charge],
    ...(isSame(subscription, dossier.subscription) ? {} : { subscription }),
    tokens: token === null ? [] : [token],
    findings: proposalOf(dossier, attempt, decision, now),
    entries,
  };
  const whole = await andVoidTheRest(ctx, dossier, change, now);
  const last = charge.cycle === null ? withItsChange(ctx, dossier, whole, made, { charge, decision, now }) : null;
  const [after, owed] = last === null ? [whole, charge] : [last.change, last.charge];
  const becameVoid = owed.status === 'void' && dossier.charge.status !== 'void';
  return becameVoid ? await withVoided(ctx, dossier, after, [owed], { at: now, actor: 'dueday' }) : after;
}

function endOfActions({ attempt, token }: AttemptDossier): Temporal.Instant | null {
  return token === null ? attempt.expiresAt : actionEnd(token.channelCode, attempt.sentAt);
}

/** A payment on time changes nothing about its subscription but its place in the ledger. */
function isSame(after: SubscriptionRow, before: SubscriptionRow): boolean {
  const names = Object.keys(after) as (keyof SubscriptionRow)[];
  return names.every((name) => after[name] === before[name]);
}

function chargeAfter(dossier: AttemptDossier, outcome: Outcome, decision: Decision, now: Temporal.Instant): ChargeRow {
  const passesLimits = dossier.charge.passesLimits && !counts(decision);
  const byHand = isTriedOn(decision) ? dossier.charge.byHand : noLongerAsked(dossier.charge.byHand);
  const charge = { ...settleCharge(dossier.charge, decision, now), passesLimits, byHand };
  // A refusal that holds the charge is why it is not paid; one that did not count says nothing of it.
  const isWhy = outcome.kind === 'declined' ? decision.kind !== 'ask_gateway' : decision.kind === 'hold';
  return isWhy && 'code' in outcome ? { ...charge, lastFailureCode: outcome.code } : charge;
}

/** The try that a person asked for is not over: nobody knows how it ended, or it never reached the issuer. */
function isTriedOn(decision: Decision): boolean {
  if (decision.kind === 'retry') return decision.spends === 'technical' || decision.spends === 'throttle';
  return decision.kind === 'release' || decision.kind === 'ask_gateway';
}

/** A person's pass through the limits is for one attempt: one that did not count, or is not over, leaves it. */
function counts(decision: Decision): boolean {
  if (decision.kind === 'retry')
    return decision.spends === 'ladder' || decision.spends === 'technical' || decision.spends === 'hand';
  return decision.kind !== 'release' && decision.kind !== 'ask_gateway';
}

function tokenAfter(
  dossier: AttemptDossier,
  outcome: Outcome,
  decision: Decision,
  now: Temporal.Instant,
): TokenState | null {
  const cls = decision.why.class;
  if (outcome.kind !== 'declined' || decision.kind === 'ask_gateway' || cls === null || !endsToken(cls)) return null;
  if (dossier.token === null || dossier.token.status !== 'active') return null;
  return ended(dossier.token, 'dead', outcome.code, now);
}

const chargeEntries: Partial<Record<Decision['kind'], EntryKind>> = {
  paid: 'charge.paid',
  overpaid: 'payment.overpaid',
  give_up: 'charge.uncollectible',
  hold: 'charge.held',
  void: 'charge.voided',
};

type Moved = {
  readonly outcome: Outcome;
  readonly decision: Decision;
  readonly attempt: AttemptOutcome;
  readonly status: string;
  readonly token: TokenState | null;
};

/** What is told of what a customer was asked: not the addresses themselves, since whoever has one may pay. */
function askedOf({ actions }: AttemptOutcome): Facts {
  const told = toldActions(actions ?? []);
  const words = (actions ?? []).map(actionWords).join('; ');
  const why =
    words === '' ? 'Xendit asks the customer to confirm it, and does not say how.' : `Xendit asks for ${words}.`;
  return { why, detail: canonicalJson({ actions: told }) };
}

function entriesOf(ctx: Context, dossier: AttemptDossier, moved: Moved, now: Temporal.Instant): readonly Entry[] {
  const { charge, subscription } = dossier;
  const { outcome, decision, token, status } = moved;
  const subject = {
    ...dossier,
    attempt: { ...dossier.attempt, ...moved.attempt },
    channel: dossier.token?.channelCode ?? null,
  };
  const failureCode = outcome.kind === 'declined' || outcome.kind === 'refused' ? outcome.code : null;
  const kept = keptAs(outcome, decision);
  const facts: Facts = {
    outcome: kept,
    failureCode,
    class: decision.why.class,
    decision: decision.kind,
    why: decision.why.text,
  };
  const write = (kind: EntryKind, more: Facts = {}) =>
    record(ctx.newId(charge.bucket), now, kind, subject, { ...facts, ...more });
  // What its customer was asked is over: the decline has its own word only now.
  const isOverNow = kept === 'declined' && isOpenAction(dossier.attempt) && failureCode !== OPEN_ACTION;
  const asks = kept === 'declined' && failureCode === OPEN_ACTION ? askedOf(moved.attempt) : null;
  const moves = decision.kind === 'paid' || decision.kind === 'overpaid';
  const kind = decision.kind === 'hold' && charge.status === 'held' ? undefined : chargeEntries[decision.kind];
  return [
    // Asked again and none the wiser: nothing happened that finance should read.
    ...(dossier.attempt.outcome === kept && !isOverNow ? [] : [write('attempt.settled')]),
    ...(asks === null ? [] : [write('charge.requires_action', asks)]),
    ...(kind === undefined ? [] : [write(kind, moves ? { money: charge.amount } : {})]),
    ...(token === null ? [] : [write('token.ended')]),
    ...(status === subscription.status ? [] : [write(`subscription.${status}`)]),
  ];
}
