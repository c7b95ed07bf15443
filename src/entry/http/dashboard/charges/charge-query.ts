import { z } from 'zod';
import { dayText } from '../../../../domain/calendar/moment-text.ts';
import { type ChargeStatus, chargeStatuses } from '../../../../domain/charges/charge.ts';
import type { ListAsked } from '../../../../flows/views/pages/charge-list.ts';

/** A field of a form that was left empty says nothing. */
const text = z
  .string()
  .max(255)
  .refine((given) => !/\p{Cc}/u.test(given), 'must not contain control characters')
  .transform((given) => (given.trim() === '' ? undefined : given.trim()))
  .optional();
const day = z
  .string()
  .transform((given) => (given.trim() === '' ? undefined : given.trim()))
  .refine((given) => given === undefined || isDay(given), 'must be a date like 2026-12-31')
  .optional();

/** What stands in the address of the list: whoever is sent it sees the same. */
export const chargeQuery = z.strictObject({
  status: z.enum(chargeStatuses).optional(),
  customer: text,
  subscription: text,
  failure_code: text,
  in_dunning: z.literal('true').optional(),
  due_from: day,
  due_to: day,
  all_time: z.literal('yes').optional(),
  sort: z.literal('-due_at').optional(),
  after: z.string().max(1_000).optional(),
  before: z.string().max(1_000).optional(),
});

export type ChargeQuery = {
  readonly status?: ChargeStatus | undefined;
  readonly customer?: string | undefined;
  readonly subscription?: string | undefined;
  readonly failure_code?: string | undefined;
  readonly in_dunning?: 'true' | undefined;
  readonly due_from?: string | undefined;
  readonly due_to?: string | undefined;
  readonly all_time?: 'yes' | undefined;
  readonly sort?: '-due_at' | undefined;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
};

export type DueRange = {
  readonly from: Temporal.PlainDate | null;
  readonly to: Temporal.PlainDate | null;
  readonly isAll: boolean;
  /** As it follows "charges". */
  readonly words: string;
};

/** The month of today unless the address says otherwise, or names whose charges they are. */
export function rangeOf(query: ChargeQuery, today: Temporal.PlainDate): DueRange {
  const { due_from: first, due_to: last, all_time: all, customer, subscription } = query;
  const isUnsaid = first === undefined && last === undefined;
  if (isUnsaid && (all === 'yes' || customer !== undefined || subscription !== undefined))
    return { from: null, to: null, isAll: true, words: 'of all time' };
  const from = isUnsaid ? today.with({ day: 1 }) : first === undefined ? null : Temporal.PlainDate.from(first);
  const to = isUnsaid
    ? today.with({ day: today.daysInMonth })
    : last === undefined
      ? null
      : Temporal.PlainDate.from(last);
  return { from, to, isAll: false, words: rangeWords(from, to) };
}

function rangeWords(from: Temporal.PlainDate | null, to: Temporal.PlainDate | null): string {
  if (from === null) return to === null ? 'of all time' : `due until ${dayText(to)}`;
  if (to === null) return `due since ${dayText(from)}`;
  return from.equals(to) ? `due on ${dayText(from)}` : `due from ${dayText(from)} to ${dayText(to)}`;
}

export function askedOf(query: ChargeQuery, { from, to }: DueRange): ListAsked {
  return {
    status: query.status ?? null,
    customer: query.customer ?? null,
    subscription: query.subscription ?? null,
    failureCode: query.failure_code ?? null,
    inDunning: query.in_dunning !== undefined,
    dueFrom: from,
    dueTo: to,
    order: query.sort ?? 'due_at',
    after: query.after ?? null,
    before: query.before ?? null,
  };
}

/** The address of the list with this question; without a place in it unless one is said here. */
export function linkTo({ after, before, ...rest }: ChargeQuery): string {
  const said = Object.entries({ ...rest, after, before }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return said.length === 0 ? '/charges' : `/charges?${new URLSearchParams(said).toString()}`;
}

function isDay(given: string): boolean {
  try {
    const read = /^\d{4}-\d\d-\d\d$/.test(given) ? Temporal.PlainDate.from(given) : null;
    return read !== null && read.year >= 2000 && read.year < 3000;
  } catch {
    return false;
  }
}
