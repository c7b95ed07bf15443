/** An open dispute is asked about each day, should its webhooks be lost. */
const EVERY = { hours: 24 } as const;

/** A person is told of one that has to be answered so long before its last day. */
const TOLD_BEFORE = { hours: 48 } as const;

/** How long whoever looks at one has until somebody else does. */
export const LOOKING = { minutes: 5 } as const;

/** When an open dispute is looked at again: within a day, and not later than a person has to be told. */
export function nextLook(answerBy: Temporal.Instant | null, now: Temporal.Instant): Temporal.Instant {
  const tomorrow = now.add(EVERY);
  const telling = answerBy?.subtract(TOLD_BEFORE) ?? null;
  const isBefore = telling !== null && Temporal.Instant.compare(telling, now) > 0;
  return isBefore && Temporal.Instant.compare(telling, tomorrow) < 0 ? telling : tomorrow;
}

/** Whether its answer is due so soon that a person has to be told. */
export function isSoon(answerBy: Temporal.Instant | null, now: Temporal.Instant): boolean {
  return answerBy !== null && Temporal.Instant.compare(answerBy.subtract(TOLD_BEFORE), now) <= 0;
}
