import type { Context } from '../../context.ts';
import type { Entry, EntryKind } from '../../domain/books/ledger.ts';
import { isInDoubt, type Outcome, type OutcomeKind } from '../../domain/charges/outcome.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { endsToken, tellsOfTimeOut } from '../../domain/declines/decline.ts';
import { keptAs, settleCharge, settleSubscription } from '../../domain/dunning/settlement.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { AttemptBook } from '../../infra/tables/charges/attempts.ts';
import type {
  AttemptOutcome,
  ChargeRow,
  SubscriptionRow,
  TokenState,
} from '../../infra/tables/schema/change-columns.ts';
import type { StoredDecision } from '../../infra/tables/schema/charges.ts';
import { decidedLater } from '../change/decided-later.ts';
import { type Facts, record } from '../change/record.ts';
import { proposalOf } from '../refunds/proposed-refunds.ts';
import { andVoidTheRest } from './void-charges.ts';

/** Everything that one decision changes: attempt, charge, subscription, token and ledger, to be applied together. */
export async function settlementOf(
  ctx: Context,
  book: AttemptBook,
  outcome: Outcome,
  decision: Decision,
  now: Temporal.Instant,
): Promise<Change> {
  const attempt = attemptAfter(book, outcome, decision, now);
  const charge = parkedIfPaused(chargeAfter(book, outcome, decision, now), book.subscription);
  const dunning = { before: book.charge.inDunning, after: charge.inDunning };
  const later = await decidedLater(ctx, book, decision);
  const subscription = settleSubscription(book.subscription, decision, dunning, now, later);
  const token = tokenAfter(book, outcome, decision, now);
  const entries = entriesOf(ctx, book, { outcome, decision, attempt, status: subscription.status, token }, now);
  const change = {
    seen: book.subscription,
    attempts: [attempt],
    charges: [charge],
    ...(isSame(subscription, book.subscription) ? {} : { subscription }),
    tokens: token === null ? [] : [token],
    findings: proposalOf(book, attempt, decision, now),
    entries,
  };
  return await andVoidTheRest(ctx, book, change, now);
}

/** A payment on time changes nothing about its subscription but its place in the ledger. */
function isSame(after: SubscriptionRow, before: SubscriptionRow): boolean {
  const names = Object.keys(after) as (keyof SubscriptionRow)[];
  return names.every((name) => after[name] === before[name]);
}

function attemptAfter(book: AttemptBook, outcome: Outcome, decision: Decision, now: Temporal.Instant): AttemptOutcome {
  const { attempt } = book;
  const kind = keptAs(outcome, decision);
  const declined = outcome.kind === 'declined' ? outcome : null;
  const told = 'paymentRequestId' in outcome ? outcome.paymentRequestId : null;
  const paid = 'paymentId' in outcome ? outcome.paymentId : null;
  return {
    bucket: attempt.bucket,
    id: attempt.id,
    outcome: kind,
    outcomeAt: now,
    failureCode: failureCodeAfter(book, outcome, kind),
    class: decision.why.class,
    networkCode: declined?.networkCode ?? null,
    adviceCode: declined?.adviceCode ?? null,
    actionUrl: declined?.actionUrl ?? attempt.actionUrl,
    paymentRequestId: told ?? attempt.paymentRequestId,
    paymentId: paid ?? attempt.paymentId,
    decision: storedDecision(decision),
    nextCheckAt: decision.kind === 'ask_gateway' ? decision.at : null,
    asks: attempt.asks + (attempt.outcome === null ? 0 : 1),
  };
}

/** A time-out that was told is remembered while the outcome is in doubt: no vaguer failure after it makes it less so. */
function failureCodeAfter({ attempt }: AttemptBook, outcome: Outcome, kind: OutcomeKind): string | null {
  const told = 'code' in outcome ? outcome.code : null;
  if (!isInDoubt(kind)) return told;
  return told === null || tellsOfTimeOut(attempt.failureCode) ? attempt.failureCode : told;
}

function storedDecision(decision: Decision): StoredDecision {
  const { why } = decision;
  const at = decision.kind === 'wait_for_customer' ? decision.until : 'at' in decision ? decision.at : null;
  return {
    kind: decision.kind,
    at: at?.toString() ?? null,
    why: why.text,
    rule: why.rule,
    class: why.class,
    counted: why.counted,
    catalog_version: why.catalogVersion,
  };
}

function chargeAfter(book: AttemptBook, outcome: Outcome, decision: Decision, now: Temporal.Instant): ChargeRow {
  const passesLimits = book.charge.passesLimits && !counts(decision);
  const charge = { ...settleCharge(book.charge, decision, now), passesLimits };
  // A refusal that holds the charge is why it is not paid; one that did not count says nothing of it.
  const isWhy = outcome.kind === 'declined' ? decision.kind !== 'ask_gateway' : decision.kind === 'hold';
  return isWhy && 'code' in outcome ? { ...charge, lastFailureCode: outcome.code } : charge;
}

/** A person's pass through the limits is for one attempt: one that did not count, or is not over, leaves it. */
function counts(decision: Decision): boolean {
  if (decision.kind === 'retry') return decision.spends === 'ladder' || decision.spends === 'technical';
  return decision.kind !== 'release' && decision.kind !== 'ask_gateway';
}

/** A paused subscription's charge is due again, but not before somebody resumes it. */
function parkedIfPaused(charge: ChargeRow, subscription: SubscriptionRow): ChargeRow {
  return charge.status === 'due' && subscription.status === 'paused' ? { ...charge, nextAttemptAt: null } : charge;
}

function tokenAfter(book: AttemptBook, outcome: Outcome, decision: Decision, now: Temporal.Instant): TokenState | null {
  const cls = decision.why.class;
  if (outcome.kind !== 'declined' || decision.kind === 'ask_gateway' || cls === null || !endsToken(cls)) return null;
  if (book.token === null || book.token.status !== 'active') return null;
  return { bucket: book.token.bucket, id: book.token.id, status: 'dead', endedReason: outcome.code, endedAt: now };
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

function entriesOf(ctx: Context, book: AttemptBook, moved: Moved, now: Temporal.Instant): readonly Entry[] {
  const { charge, subscription } = book;
  const { outcome, decision, token, status } = moved;
  const subject = { ...book, attempt: { ...book.attempt, ...moved.attempt }, channel: book.token?.channelCode ?? null };
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
  const moves = decision.kind === 'paid' || decision.kind === 'overpaid';
  const kind = decision.kind === 'hold' && charge.status === 'held' ? undefined : chargeEntries[decision.kind];
  return [
    // Asked again and none the wiser: nothing happened that finance should read.
    ...(book.attempt.outcome === kept ? [] : [write('attempt.settled')]),
    ...(kind === undefined ? [] : [write(kind, moves ? { money: charge.amount } : {})]),
    ...(token === null ? [] : [write('token.ended')]),
    ...(status === subscription.status ? [] : [write(`subscription.${status}`)]),
  ];
}
