import { hash } from 'node:crypto';

export const ZONE = 'Asia/Jakarta';

/** What somebody typed. */
export type Seeding = {
  readonly subscriptions: string;
  readonly months: string;
  readonly until?: string;
  readonly json?: boolean;
};

/** How much is made up: so many subscriptions, over so many months until an instant. */
export type Span = { readonly subscriptions: number; readonly months: number; readonly until: Temporal.Instant };

/** The first instant of it. */
export function beginOf({ until, months }: Span): Temporal.Instant {
  return localDay(until).subtract({ months }).toZonedDateTime({ timeZone: ZONE, plainTime: '08:00' }).toInstant();
}

export function localDay(at: Temporal.Instant): Temporal.PlainDate {
  return at.toZonedDateTimeISO(ZONE).toPlainDate();
}

/** So many days before the last one, at an hour of the clock there. */
export function daysBefore({ until }: Span, days: number, plainTime: string): Temporal.Instant {
  return localDay(until).subtract({ days }).toZonedDateTime({ timeZone: ZONE, plainTime }).toInstant();
}

/** A number from 0 to 1 that comes of a text: the same text, the same number. */
export function drawn(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 12), 16) / 16 ** 12;
}

/** One of these, by their weights. */
export function drawnOf<T>(text: string, weights: readonly (readonly [number, T])[]): T {
  const [first, ...rest] = weights;
  if (first === undefined) throw new Error('There is nothing to draw from.');
  let left = drawn(text) * weights.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, one] of weights) {
    left -= weight;
    if (left < 0) return one;
  }
  return rest.at(-1)?.[1] ?? first[1];
}
