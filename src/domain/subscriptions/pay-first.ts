import type { ChangeWay } from '../catalog/plan.ts';

/** How money is asked for that must be paid before its change applies. */
export type PayFirst = Exclude<ChangeWay, 'next_cycle'>;

type Ways = { readonly changes: ChangeWay } | null;

/**
 * How a change is paid before it applies; null: it is not. Either plan may ask for that, and the new one's way goes before. A plan that is
 * null is not in the catalog in force.
 */
export function payFirstBy(before: Ways, after: Ways): PayFirst | null {
  const ways = [after?.changes, before?.changes];
  return ways.find((way) => way === 'pay_link' || way === 'unscheduled') ?? null;
}

/** So long a change waits for its customer to pay, unless a link to pay says otherwise. */
const WAITS = { hours: 24 } as const;

/** Until when a change waits for its customer: never beyond the period whose days it pays for. */
export function waitEnd(
  nextCycleAt: Temporal.Instant | null,
  now: Temporal.Instant,
  wanted: Temporal.Instant = now.add(WAITS),
): Temporal.Instant {
  return nextCycleAt !== null && Temporal.Instant.compare(nextCycleAt, wanted) < 0 ? nextCycleAt : wanted;
}
