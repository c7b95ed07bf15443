import { pauseAfter } from '../declines/pauses.ts';

/** Whoever sends a refund and is silent for so long is gone; longer than a call to Xendit can take. */
export const SENDING = { minutes: 2 } as const;

const PUT_OFF = { first: 5, longest: 6 * 60 } as const;
const MOST_PUT_OFF_DAYS = 7;

/** When a refund that Xendit does not take now is tried again; null: it waited a week, and a person decides. */
export function nextTry(asks: number, approvedAt: Temporal.Instant, now: Temporal.Instant): Temporal.Instant | null {
  if (ageOf(approvedAt, now) >= MOST_PUT_OFF_DAYS) return null;
  return now.add(pauseAfter(asks, PUT_OFF));
}

const LOST = { first: 1, longest: 6 * 60 } as const;
const MOST_LOST_DAYS = 30;
/** Xendit's own news come up to a day late (docs/xendit.md 3.1). */
const TOLD_AFTER_DAYS = 1;

/** When a refund that Xendit may not know is looked for again; null: it was looked for for a month. */
export function nextSearch(asks: number, sentAt: Temporal.Instant, now: Temporal.Instant): Temporal.Instant | null {
  return ageOf(sentAt, now) >= MOST_LOST_DAYS ? null : now.add(pauseAfter(asks, LOST));
}

/** A person is told of one that nobody knows about. */
export function isLongLost(sentAt: Temporal.Instant, now: Temporal.Instant): boolean {
  return ageOf(sentAt, now) >= TOLD_AFTER_DAYS;
}

const PENDING = { first: 30, longest: 24 * 60 } as const;

/** When a refund that Xendit has is asked about again, should its webhook be lost. */
export function nextQuestion(asks: number, now: Temporal.Instant): Temporal.Instant {
  return now.add(pauseAfter(asks, PENDING));
}

/** Looks at one that stays pending, over about a month, after which a person is told. */
export const MOST_QUESTIONS = 35;

function ageOf(since: Temporal.Instant, now: Temporal.Instant): number {
  return now.since(since).total('hours') / 24;
}
