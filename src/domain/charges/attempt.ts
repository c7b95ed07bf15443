import type { OutcomeKind } from './outcome.ts';

/** The name under which Xendit hears of an attempt: derived, never random, so that a lost row is found again. */
export function attemptReference(subscriptionId: string, cycle: number, number: number): string {
  return `due_${subscriptionId}_${cycle}_${number}`;
}

/** The name of the n-th SAVE session of a subscription; at most 64 characters (docs/xendit.md 2.2). */
export function onboardingReference(subscriptionId: string, number: number): string {
  return `due_${subscriptionId}_s${number}`;
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
// As we write them: "01" is nobody's cycle, and reading it as 1 would give one attempt two names.
const count = '0|[1-9]\\d{0,5}';
// Xendit appends "_" and ten characters to the reference of what a session makes (docs/xendit.md 2.4).
const ours = new RegExp(`^due_(${uuid})_(?:(${count})_(${count})|s(${count}))(?:_[A-Za-z0-9]{10})?$`);

export type Reference =
  | { readonly kind: 'attempt'; readonly subscriptionId: string; readonly cycle: number; readonly number: number }
  | { readonly kind: 'onboarding'; readonly subscriptionId: string; readonly number: number };

/** Reads a reference of ours back; null for anybody else's. */
export function readReference(text: string | null): Reference | null {
  const match = ours.exec(text ?? '');
  if (match === null) return null;
  const [, subscriptionId = '', cycle, number, session] = match;
  if (session !== undefined) return { kind: 'onboarding', subscriptionId, number: Number(session) };
  return { kind: 'attempt', subscriptionId, cycle: Number(cycle), number: Number(number) };
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
