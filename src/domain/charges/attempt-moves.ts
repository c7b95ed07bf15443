import type { Decision } from '../declines/decision.ts';
import { tellsOfTimeOut } from '../declines/decline.ts';
import type { DeclineClass } from '../declines/decline-class.ts';
import { type StoredAction, storedActions } from './action.ts';
import { isInDoubt, type Outcome, type OutcomeKind } from './outcome.ts';

/*
 * One constructor for each legal move of an attempt (docs/design.md section 5). Its outcome and the time of its outcome are
 * written together, and by nobody else.
 */

/** A decision as it is stored with its attempt. */
export type StoredDecision = {
  readonly kind: string;
  readonly at: string | null;
  readonly why: string;
  readonly rule: string;
  readonly class: DeclineClass | null;
  readonly counted: Readonly<Record<string, number>>;
  readonly catalog_version: number;
};

/** What is known of an attempt before an answer. */
export type AttemptStanding = {
  readonly bucket: number;
  readonly id: string;
  readonly outcome: OutcomeKind | null;
  readonly failureCode: string | null;
  readonly actionUrl: string | null;
  readonly actions: readonly StoredAction[] | null;
  readonly paymentRequestId: string | null;
  readonly paymentId: string | null;
  readonly asks: number;
};

const inDoubt = ['pending', 'unknown'] as const;
/** Written down, and nothing is known of it: on its way, or its sender is gone. */
const IN_FLIGHT = 'in flight';

/** From what an attempt may come to each outcome: the first final answer stays, and a success outranks it (invariant 6). */
export const attemptMoves = {
  succeeded: [IN_FLIGHT, ...inDoubt, 'declined', 'refused'],
  declined: [IN_FLIGHT, ...inDoubt, 'declined'],
  refused: [IN_FLIGHT, ...inDoubt],
  pending: [IN_FLIGHT, ...inDoubt],
  unknown: [IN_FLIGHT, ...inDoubt],
} as const satisfies Readonly<Record<OutcomeKind, readonly (OutcomeKind | typeof IN_FLIGHT)[]>>;

function assertMay(outcome: OutcomeKind, before: OutcomeKind | null): void {
  const from: readonly string[] = attemptMoves[outcome];
  if (!from.includes(before ?? IN_FLIGHT)) throw new Error(`An attempt that is ${before} cannot become ${outcome}.`);
}

/** A new attempt that charges a token, as it is until its first answer. */
export function sent<T extends object>(attempt: T) {
  return {
    ...attempt,
    via: 'token',
    expiresAt: null,
    repeatedAt: null,
    failureCode: null,
    outcome: null,
    asks: 0,
    actionUrl: null,
    actions: null,
    actionClosedAt: null,
    paymentRequestId: null,
    paymentId: null,
  } as const;
}

/** As which outcome an attempt is kept: one that is still asked about is in doubt, whatever Xendit said of it. */
export function keptAs(outcome: Outcome, decision: Decision): OutcomeKind {
  return outcome.kind === 'declined' && decision.kind === 'ask_gateway' ? 'unknown' : outcome.kind;
}

/** What an answer makes of an attempt, with the decision that followed; `actionsEnd`: when its customer can do no more about it. */
export function answered(
  attempt: AttemptStanding,
  outcome: Outcome,
  decision: Decision,
  now: Temporal.Instant,
  actionsEnd: Temporal.Instant | null = null,
) {
  const kind = keptAs(outcome, decision);
  assertMay(kind, attempt.outcome);
  const declined = outcome.kind === 'declined' ? outcome : null;
  const told = 'paymentRequestId' in outcome ? outcome.paymentRequestId : null;
  const paid = 'paymentId' in outcome ? outcome.paymentId : null;
  return {
    bucket: attempt.bucket,
    id: attempt.id,
    outcome: kind,
    outcomeAt: now,
    failureCode: failureCodeAfter(attempt, outcome, kind),
    class: decision.why.class,
    networkCode: declined?.networkCode ?? null,
    adviceCode: declined?.adviceCode ?? null,
    actionUrl: declined?.actionUrl ?? attempt.actionUrl,
    actions: actionsAfter(attempt, outcome, actionsEnd),
    paymentRequestId: told ?? attempt.paymentRequestId,
    paymentId: paid ?? attempt.paymentId,
    decision: storedDecision(decision),
    nextCheckAt: decision.kind === 'ask_gateway' ? decision.at : null,
    asks: attempt.asks + (attempt.outcome === null ? 0 : 1),
  };
}

function actionsAfter(attempt: AttemptStanding, outcome: Outcome, end: Temporal.Instant | null) {
  const told = 'actions' in outcome ? outcome.actions : undefined;
  return told === undefined ? attempt.actions : storedActions(told, end);
}

/** A person has decided about its charge: it is no longer open, and its success would still be news (invariant 6). */
export function closedByPerson<T extends AttemptStanding>(attempt: T, now: Temporal.Instant) {
  assertMay('refused', attempt.outcome);
  const failureCode = 'CLOSED_BY_PERSON';
  return { ...attempt, outcome: 'refused', outcomeAt: now, failureCode, nextCheckAt: null } as const;
}

/** What it belongs to is gone: nobody knows its outcome, and it is looked at again then, or never (null). Of open ones only. */
export function orphaned(at: Temporal.Instant | null, now: Temporal.Instant) {
  return { outcome: 'unknown', outcomeAt: now, nextCheckAt: at } as const;
}

/** Its channel was at fault for what it ended with: it counts no longer. */
export function uncounted<T extends { readonly decision: StoredDecision | null }>(attempt: T, why: string) {
  const { decision } = attempt;
  const stored = decision === null ? null : { ...decision, kind: 'release', at: null, why, rule: 'channel_stopped' };
  return { ...attempt, class: 'our_fault' as const, decision: stored };
}

/** A time-out that was told is remembered while the outcome is in doubt: no vaguer failure after it makes it less so. */
function failureCodeAfter(attempt: AttemptStanding, outcome: Outcome, kind: OutcomeKind): string | null {
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
