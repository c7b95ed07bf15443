import { momentText } from '../../../../domain/calendar/moment-text.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { Changed } from '../../../../flows/subscriptions/change-subscription.ts';
import type { SubscriptionSubject } from '../../../../flows/views/acts/subscription-subjects.ts';
import type { Acted, Subject } from './thing.ts';

export type Subscription = Subject & { readonly subscription: SubscriptionSubject };

export function acted(changed: Changed): Acted {
  switch (changed.kind) {
    case 'changed':
      return { kind: 'done' };
    case 'invalid':
      return { kind: 'invalid', faults: changed.faults };
    case 'refused':
      return { kind: 'refused', detail: changed.detail };
    case 'not_found':
      return { kind: 'refused', detail: 'There is no such subscription.' };
  }
}

export const isNot = ({ subscription: { state } }: Subscription, what: string) =>
  `The subscription is ${state}: ${what}.`;

/** What is due of it, and when its next cycle begins. */
export function boundsOf({ subscription: { due, currency, nextCycleAt, zone } }: Subscription): string {
  const charges = due.charges === 1 ? '1 charge' : `${due.charges} charges`;
  const owed = due.charges === 0 ? 'Nothing of it is due' : `${charges} of ${moneyText(due.amount, currency)} due`;
  return nextCycleAt === null
    ? `${owed}, no next cycle`
    : `${owed}, next cycle ${momentText(nextCycleAt.toString(), zone)}`;
}

export const PAID_STAYS =
  'What was paid stays paid: money goes back only where somebody gives it back, on the page of its charge.';
