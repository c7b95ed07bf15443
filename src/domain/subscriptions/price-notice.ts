import type { Plan, Silence } from '../catalog/plan.ts';
import type { ConsentState } from '../methods/consent.ts';

/** So many days before a notice has to be sent it is told of those who owe it: that is time to write it, and to have it read by somebody. */
export const LEAD_DAYS = 7;

/** That a customer was told of a higher price. */
export type Told = { readonly sentAt: Temporal.Instant; readonly recordedAt: Temporal.Instant };

/** What stands in the books of their consent to it. */
export type Answered = { readonly answer: ConsentState; readonly answeredAt: Temporal.Instant };

export type NoticeRules = Pick<Plan, 'silence'> & { readonly noticeDays: number };

/** What a notice has come to: the price is charged from the first cycle that falls due after an instant; or that cycle ends the wait for consent. */
export type PriceStanding = {
  readonly kind: 'holds' | 'waits';
  readonly after: Temporal.Instant;
};

/**
 * A higher price is charged to a customer who was told once the days of the notice are over, and never before the notice stood in the books;
 * where their consent is asked for, not before they gave it.
 */
export function priceStanding(
  { sentAt, recordedAt }: Told,
  answered: Answered | null,
  { noticeDays, silence }: NoticeRules,
  timeZone: string,
): PriceStanding {
  const told = latest(noticeOver(sentAt, noticeDays, timeZone), recordedAt);
  if (silence === 'agrees') return { kind: 'holds', after: told };
  return answered?.answer === 'given'
    ? { kind: 'holds', after: latest(told, answered.answeredAt) }
    : { kind: 'waits', after: told };
}

/** The last instant at which a cycle that falls due is still charged the old price: so many days after its notice, as the customer counts them. */
function noticeOver(sentAt: Temporal.Instant, days: number, timeZone: string): Temporal.Instant {
  return sentAt.toZonedDateTimeISO(timeZone).add({ days }).toInstant().subtract({ milliseconds: 1 });
}

function latest(one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(one, other) < 0 ? other : one;
}

/** A customer was told what follows by the plan of that version: an edit that leaves the price changes nothing of it. */
export function rulesTold({ noticeDays, silence }: Plan, plan: NoticeRules): NoticeRules {
  return noticeDays === null ? plan : { noticeDays, silence };
}

/** What follows for a customer who did not agree, for people. */
export function consequence(silence: Silence): string {
  return silence === 'cancel'
    ? 'the subscription is canceled before that price'
    : 'they keep the old price for as long as no other one is asked of them';
}
