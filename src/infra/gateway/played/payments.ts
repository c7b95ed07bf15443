import type { BookedPayment } from '../../../domain/books/reconciliation.ts';
import type { Outcome } from '../../../domain/charges/outcome.ts';
import { type Money, majorText } from '../../../domain/money/money.ts';
import type { BooksQuery, LookUp, PaymentTrace } from '../gateway.ts';
import { idsOf, transactionOf } from './names.ts';
import type { PlayedPayment } from './script.ts';

const DAY_MS = 24 * 3_600_000;

/** A payment that was asked for, with what becomes of it. */
export type Made = PlayedPayment & {
  readonly referenceId: string;
  readonly amount: Money;
  readonly at: Temporal.Instant;
};

export type PlayedPayments = {
  keep(one: Made): void;
  lookUp(trace: PaymentTrace): LookUp;
  books(query: BooksQuery): readonly BookedPayment[];
  referenceOf(paymentRequestId: string | null): string | undefined;
};

/** All payments that were asked for, as far as Xendit knows of them now. */
export function playedPayments(now: () => Temporal.Instant): PlayedPayments {
  const made = new Map<string, Made>();
  const byRequest = new Map<string, string>();
  const byDay = new Map<number, Made[]>();
  return {
    keep(one) {
      made.set(one.referenceId, one);
      byRequest.set(idsOf(one.referenceId).paymentRequestId, one.referenceId);
      const day = dayOf(one.at);
      const others = byDay.get(day);
      if (others === undefined) byDay.set(day, [one]);
      else others.push(one);
    },
    lookUp({ paymentRequestId, referenceId }) {
      const one = made.get(byRequest.get(paymentRequestId ?? '') ?? referenceId);
      const outcome = one === undefined ? null : outcomeOf(one, now());
      return outcome === null ? { kind: 'absent' } : { kind: 'found', outcome };
    },
    books(query) {
      if ('referenceId' in query)
        return [made.get(query.referenceId) ?? []].flat().flatMap((one) => booked(one, now()));
      const { from, until } = query;
      const days = Array.from({ length: dayOf(until) - dayOf(from) + 1 }, (_, index) => dayOf(from) + index);
      const asked = days
        .flatMap((day) => byDay.get(day) ?? [])
        .filter(({ at }) => !isBefore(at, from) && isBefore(at, until));
      return asked.flatMap((one) => booked(one, now()));
    },
    referenceOf: (paymentRequestId) => byRequest.get(paymentRequestId ?? ''),
  };
}

/** What the call itself is answered; null: nobody answers. */
export function answerOf(one: Made): Outcome | null {
  const { answers, referenceId } = one;
  if (answers === undefined) return endOf(one);
  if (answers === 'silence') return null;
  if (answers === 'pending') return { kind: 'pending', ...idsOf(referenceId) };
  return declined(referenceId, answers.declined);
}

function outcomeOf(one: Made, now: Temporal.Instant): Outcome | null {
  return isOver(one, now) ? endOf(one) : answerOf(one);
}

function endOf({ ends, referenceId }: Made): Outcome | null {
  if (ends.as === 'nothing') return null;
  return ends.as === 'paid' ? { kind: 'succeeded', ...idsOf(referenceId) } : declined(referenceId, ends.code);
}

function declined(referenceId: string, code: string): Outcome {
  return { kind: 'declined', code, networkCode: null, adviceCode: null, actionUrl: null, ...idsOf(referenceId) };
}

/** As Xendit's list has it: what is over, and came to something. */
function booked(one: Made, now: Temporal.Instant): readonly BookedPayment[] {
  const { referenceId, at, ends } = one;
  if (ends.as === 'nothing' || !isOver(one, now)) return [];
  const amount = one.booked ?? one.amount;
  const status = ends.as === 'paid' ? 'succeeded' : 'failed';
  const named = { transactionId: transactionOf(referenceId), referenceId, ...idsOf(referenceId) };
  return [{ ...named, createdAt: at, status, amount, written: majorText(amount) }];
}

function isOver({ at, afterMinutes = 0 }: Made, now: Temporal.Instant): boolean {
  return !isBefore(now, at.add({ minutes: afterMinutes }));
}

function isBefore(one: Temporal.Instant, other: Temporal.Instant): boolean {
  return Temporal.Instant.compare(one, other) < 0;
}

function dayOf(at: Temporal.Instant): number {
  return Math.floor(at.epochMilliseconds / DAY_MS);
}
