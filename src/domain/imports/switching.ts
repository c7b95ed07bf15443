import type { SubscriptionStatus } from '../subscriptions/subscription.ts';

/** A subscription that was taken over, as it is now, with the cycle that its file says is next. */
export type Waiting = {
  readonly status: SubscriptionStatus;
  readonly nextCycle: number;
  readonly nextCycleAt: Temporal.Instant | null;
  readonly fileCycle: number;
  /** Another subscription of its customer to the same plan that goes on, and did not come with the same file; null: there is none. */
  readonly besides: string | null;
};

/** `switch`: it goes on here. `leave`: nothing is to be switched any more. `wait`: not now, and why. */
export type SwitchVerdict =
  | { readonly kind: 'switch' }
  | { readonly kind: 'done' | 'leave' | 'wait'; readonly why: string };

/** The other biller is at work on a renewal for about so long. */
const HOURS_BEFORE = 24;

/**
 * What becomes of a subscription that waits for its switch. Nothing is charged that the other biller may have charged: neither the
 * renewal that passed while it waited, nor one of the next day, which that biller has begun to collect.
 */
export function switchVerdict(waiting: Waiting, now: Temporal.Instant): SwitchVerdict {
  const { status, nextCycle, nextCycleAt, fileCycle, besides } = waiting;
  if (status === 'canceled' || status === 'ended')
    return { kind: 'leave', why: `it was ${status} before it was switched` };
  if (status !== 'paused') return { kind: 'done', why: 'somebody resumed it by hand' };
  if (nextCycle !== fileCycle || nextCycleAt === null || Temporal.Instant.compare(nextCycleAt, now) <= 0)
    return {
      kind: 'wait',
      why:
        'the next payment date of its file has passed while it waited: find out who collected that renewal, then "dueday subscriptions resume" ' +
        'goes on with the one after it, and charges nothing for the period that runs',
    };
  if (Temporal.Instant.compare(nextCycleAt, now.add({ hours: HOURS_BEFORE })) < 0)
    return {
      kind: 'wait',
      why: `it renews within ${HOURS_BEFORE} hours (${nextCycleAt.toString()}): the other biller is at it`,
    };
  if (besides !== null)
    return {
      kind: 'wait',
      why: `its customer has ${besides} of the same plan, which did not come with it: both would be charged; cancel one of them`,
    };
  return { kind: 'switch' };
}
