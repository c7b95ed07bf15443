import type { OutcomeKind } from '../charges/outcome.ts';
import { type Money, majorText } from '../money/money.ts';

/** A payment as Xendit's own books show it. */
export type BookedPayment = {
  /** The id of the entry in Xendit's books. */
  readonly transactionId: string;
  readonly referenceId: string;
  readonly createdAt: Temporal.Instant;
  /** `returned`: the money moved and went back. `other`: a status that is in none of Xendit's documents. */
  readonly status: 'succeeded' | 'pending' | 'failed' | 'returned' | 'other';
  /** null for a currency or a fraction that we do not have; `written` has it as Xendit wrote it. */
  readonly amount: Money | null;
  readonly written: string;
  readonly paymentId: string | null;
  readonly paymentRequestId: string | null;
};

/** An attempt as far as it can be compared. */
export type KnownAttempt = {
  readonly id: string;
  readonly referenceId: string;
  readonly outcome: OutcomeKind | null;
  readonly amount: Money;
  readonly paymentId: string | null;
};

/**
 * What Xendit's books say about one reference of ours. `matched`: both know of the money. `news`: we did not.
 * `ask_again`: perhaps collected more than once; all payments of the reference have to be seen before that is said.
 */
export type Verdict =
  | { readonly kind: 'matched' | 'ask_again' }
  | { readonly kind: 'news' | 'amount_mismatch' | 'unrecorded_payment'; readonly payment: BookedPayment };

/** Compares the payments of one reference with the attempt that made it; none collected is nothing to compare. */
export function judge(payments: readonly BookedPayment[], attempt: KnownAttempt | null): readonly Verdict[] {
  const collected = payments.filter((one) => one.status === 'succeeded').toSorted(byAge);
  const [first] = collected;
  if (first === undefined) return [];
  if (attempt === null) return [{ kind: 'unrecorded_payment', payment: first }];
  const right = collected.filter((one) => isSame(one.amount, attempt.amount));
  const wrong = collected.find((one) => !isSame(one.amount, attempt.amount));
  return [
    ...knownOrNews(right[0], attempt),
    ...(wrong === undefined ? [] : [{ kind: 'amount_mismatch', payment: wrong } as const]),
    ...(isSuspect(right, attempt) ? [{ kind: 'ask_again' } as const] : []),
  ];
}

function knownOrNews(right: BookedPayment | undefined, attempt: KnownAttempt): readonly Verdict[] {
  if (right === undefined) return [];
  return attempt.outcome === 'succeeded' ? [{ kind: 'matched' }] : [{ kind: 'news', payment: right }];
}

/** A payment's own id is not always told to us: another one is no proof, and two are none on half of the list. */
function isSuspect(right: readonly BookedPayment[], { outcome, paymentId }: KnownAttempt): boolean {
  const ids = new Set(right.map(identityOf));
  if (outcome === 'succeeded' && paymentId !== null && right.some((one) => one.paymentId !== null)) ids.add(paymentId);
  return ids.size > 1;
}

/**
 * The payments of one reference that are too many. `payments` are all that Xendit has under it. The attempt's own is
 * the one that it names, or the first.
 */
export function surplus(payments: readonly BookedPayment[], attempt: KnownAttempt): readonly BookedPayment[] {
  const collected = payments.filter((one) => one.status === 'succeeded' && isSame(one.amount, attempt.amount));
  const distinct = [...new Map(collected.toSorted(byAge).map((one) => [identityOf(one), one])).values()];
  const own = distinct.find((one) => one.paymentId === attempt.paymentId && one.paymentId !== null) ?? distinct[0];
  return distinct.filter((one) => one !== own);
}

/** The name by which Xendit knows a payment: its own, or that of its entry in the books. */
export function identityOf({ paymentId, transactionId }: BookedPayment): string {
  return paymentId ?? transactionId;
}

/** A payment that Xendit has confirmed by its id, as its list will show it. */
export function confirmedPayment(
  { paymentId, paymentRequestId }: { readonly paymentId: string; readonly paymentRequestId: string | null },
  { referenceId, amount }: Pick<KnownAttempt, 'referenceId' | 'amount'>,
  at: Temporal.Instant,
): BookedPayment {
  const written = `${amount.currency} ${majorText(amount)}`;
  const named = { transactionId: paymentId, paymentId, paymentRequestId, referenceId };
  return { ...named, createdAt: at, status: 'succeeded', amount, written };
}

function isSame(written: Money | null, amount: Money): boolean {
  return written !== null && written.currency === amount.currency && written.minor === amount.minor;
}

function byAge(a: BookedPayment, b: BookedPayment): number {
  return Temporal.Instant.compare(a.createdAt, b.createdAt);
}

export type Window = { readonly from: Temporal.Instant; readonly until: Temporal.Instant };

/** A provider may be days late in finding out that a payment was made after all (docs/xendit.md 3.1). */
const LOOK_BACK_DAYS = 7;
/** How soon a payment shows in Xendit's books is not documented: what is younger is left for the next time. */
const READ_LAG_MINUTES = 60;

/** The instant before which Xendit's books can be believed. */
export function readableUntil(now: Temporal.Instant): Temporal.Instant {
  return now.subtract({ minutes: READ_LAG_MINUTES });
}

/**
 * What is to be compared now: the last days, and whatever was not compared since the last time. `since`: what was
 * before it is not in these books. Null when there is nothing yet.
 */
export function windowOf(
  now: Temporal.Instant,
  sweptUntil: Temporal.Instant | null,
  since: Temporal.Instant | null,
): Window | null {
  const until = readableUntil(now);
  const known = sweptUntil !== null && Temporal.Instant.compare(sweptUntil, until) < 0 ? sweptUntil : until;
  const back = known.subtract({ hours: LOOK_BACK_DAYS * 24 });
  const from = since !== null && Temporal.Instant.compare(since, back) > 0 ? since : back;
  return Temporal.Instant.compare(from, until) < 0 ? { from, until } : null;
}

/** What somebody asked to have compared; null: from the usual day on, or as far as can be. */
export type AskedRange = { readonly from: Temporal.Instant | null; readonly until: Temporal.Instant | null };

/** `forgotten`: these books begin later. `too_young`: Xendit's books cannot be believed yet. */
export type LeftOut = Window & { readonly why: 'forgotten' | 'too_young' };

/** What of a range that was asked for is not in the window that is compared. What lies ahead of us is left out by nobody. */
export function leftOut({ from, until }: AskedRange, window: Window, now: Temporal.Instant): readonly LeftOut[] {
  const end = until === null ? window.until : earlierOf(until, now);
  const start = from ?? window.from;
  const parts: readonly LeftOut[] = [
    { from: start, until: earlierOf(window.from, end), why: 'forgotten' },
    { from: laterOf(window.until, start), until: end, why: 'too_young' },
  ];
  return parts.filter((part) => Temporal.Instant.compare(part.from, part.until) < 0);
}

export function earlierOf(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(a, b) < 0 ? a : b;
}

export function laterOf(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(a, b) > 0 ? a : b;
}

const DAY_MS = 24 * 3_600_000;
const MOST_PARTS = 31;

/**
 * A window in parts, oldest first: what was read of one is dropped before the next but one. Days, or longer ones for a
 * window of months, since each part is asked for by itself.
 */
export function partsOf({ from, until }: Window): readonly Window[] {
  const whole = until.since(from).total('milliseconds');
  const milliseconds = Math.max(DAY_MS, Math.ceil(whole / MOST_PARTS));
  const parts: Window[] = [];
  for (let start = from; Temporal.Instant.compare(start, until) < 0; ) {
    const next = start.add({ milliseconds });
    const end = Temporal.Instant.compare(next, until) < 0 ? next : until;
    parts.push({ from: start, until: end });
    start = end;
  }
  return parts;
}
