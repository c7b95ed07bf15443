import type { OutcomeKind } from './outcome.ts';

/**
 * The name under which Xendit hears of an attempt: derived, never random, so that a lost row is found again. `place` is what stands
 * for its charge.
 */
export function attemptReference(subscriptionId: string, place: number | string, number: number): string {
  return `due_${subscriptionId}_${place}_${number}`;
}

/** What stands for a charge among those of its subscription: its cycle, or the number of an extra one. */
export function placeOf({ cycle, extra }: { readonly cycle: number | null; readonly extra: number | null }): string {
  return cycle === null ? `x${extra}` : String(cycle);
}

/** The name of the PAY session by which a charge is asked for; at most 64 characters (docs/xendit.md 2.2). */
export function paySessionReference(subscriptionId: string, place: number | string, number: number): string {
  return `due_${subscriptionId}_${place}_p${number}`;
}

/** The name of the n-th SAVE session of a subscription; at most 64 characters (docs/xendit.md 2.2). */
export function onboardingReference(subscriptionId: string, number: number): string {
  return `due_${subscriptionId}_s${number}`;
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
// As we write them: "01" is nobody's cycle, and reading it as 1 would give one attempt two names.
const count = '0|[1-9]\\d{0,5}';
// Xendit appends "_" and ten characters to the reference of what a session makes (docs/xendit.md 2.4).
const ours = new RegExp(
  `^due_(?<sub>${uuid})_(?:(?:(?<cycle>${count})|x(?<extra>${count}))_(?<session>p)?|(?<kind>[rs]))(?<number>${count})(?:_[A-Za-z0-9]{10})?$`,
);

/**
 * What a reference of ours names. `refund` is kept for refunds, which nothing makes yet, so that a version that writes them may be
 * taken back.
 */
export type Reference = { readonly subscriptionId: string; readonly number: number } & (
  | { readonly kind: 'attempt' | 'pay_session'; readonly cycle: number }
  | { readonly kind: 'extra_attempt' | 'extra_pay_session'; readonly extra: number }
  | { readonly kind: 'onboarding' | 'refund' }
);

/** Reads a reference of ours back; null for anybody else's. */
export function readReference(text: string | null): Reference | null {
  const { sub, cycle, extra, session, kind, number } = ours.exec(text ?? '')?.groups ?? {};
  if (sub === undefined) return null;
  const named = { subscriptionId: sub, number: Number(number) };
  if (cycle !== undefined)
    return { kind: session === undefined ? 'attempt' : 'pay_session', ...named, cycle: Number(cycle) };
  if (extra !== undefined)
    return { kind: session === undefined ? 'extra_attempt' : 'extra_pay_session', ...named, extra: Number(extra) };
  return { kind: kind === 's' ? 'onboarding' : 'refund', ...named };
}

/** The attempt that a payment's reference names, as its row has it: without what Xendit appends to the payments of a session. */
export type AttemptName = {
  readonly bucket: number;
  readonly subscriptionId: string;
  readonly referenceId: string;
  /** The place of its charge: a cycle, or the number of an extra one. */
  readonly cycle: number | null;
  readonly extra: number | null;
  /** Several payments may have this attempt's name: those of a session. */
  readonly isOfSession: boolean;
};

/** Null: it names no attempt of ours. */
export function attemptNamed(text: string | null): AttemptName | null {
  const read = readReference(text);
  if (text === null || read === null || !('cycle' in read || 'extra' in read)) return null;
  const { subscriptionId, number } = read;
  const [cycle, extra] = 'cycle' in read ? [read.cycle, null] : [null, read.extra];
  const isOfSession = read.kind === 'pay_session' || read.kind === 'extra_pay_session';
  const referenceId = isOfSession ? paySessionReference(subscriptionId, placeOf({ cycle, extra }), number) : text;
  return { bucket: bucketOf(subscriptionId), subscriptionId, referenceId, cycle, extra, isOfSession };
}

/** Whether a payment of this reference was asked for by the attempt of that one. */
export function isAskedFor(said: string, referenceId: string): boolean {
  return said === referenceId || attemptNamed(said)?.referenceId === referenceId;
}

/** The bucket of whatever belongs to a customer: the last byte of its id (docs/design.md section 12). */
export function bucketOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16);
}

/** An attempt as far as the next decision depends on it. */
export type Attempt = {
  readonly number: number;
  readonly outcome: OutcomeKind | null;
  readonly sentAt: Temporal.Instant;
  /** When the same request left for the last time: later than `sentAt` where it was repeated. */
  readonly lastSentAt: Temporal.Instant;
  /** What Xendit last said against it, also while its outcome is in doubt. */
  readonly failureCode: string | null;
  /** Of the token that it was sent with: how long it may be in flight depends on it. */
  readonly channelCode: string;
  /** How often Xendit was asked about it. */
  readonly asks: number;
};
