import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { chargeStatuses } from '../../../domain/charges/charge.ts';
import { chargeResults } from '../../../domain/charges/result.ts';
import { chargeStates } from '../../../domain/charges/shown-state.ts';
import { declineClasses } from '../../../domain/declines/decline-class.ts';
import { recoveries } from '../../../domain/dunning/recovery.ts';
import { currencies } from '../../../domain/money/money.ts';
import type { ChargesAsked } from '../../../flows/views/lists/charge-question.ts';
import { chargeOrders } from '../../../flows/views/lists/charge-question.ts';
import { logRange, type RangeFault } from '../../../flows/views/log/charge-log.ts';
import { told, wholeNumber } from '../api/fields.ts';
import { accountText, amountText, filterText, momentText, yesOrNo } from '../api/texts.ts';
import { turnedAmounts } from './log-filters.ts';

const TO = 'The last day, included, or an instant';

/** What the list of charges is narrowed by, under the same names for API, command and page. */
export const chargeFilters = {
  status: told(z.enum(chargeStatuses), 'Those of this status', 'held').optional(),
  state: told(
    z.enum(chargeStates),
    'Those in this state: a status, of which in_dunning and waits_for_customer are due, and unknown is attempting',
    'in_dunning',
  ).optional(),
  result: told(
    z.enum(chargeResults),
    'Those of which this became: collected at the first try, recovered later, open, lost, or given_up by void',
    'recovered',
  ).optional(),
  subscription: told(filterText, 'Those of this subscription, by its id or your reference', 'sub-1001'),
  customer: told(filterText, 'Those of this customer, by your reference or its id', 'cust-1001'),
  find: told(
    filterText,
    "Those that this names: a reference, an id, an attempt's reference, or a payment at Xendit",
    'py-1402feb0',
  ),
  due_from: told(
    momentText,
    "The first day on which it fell due, in the zone of the catalog's defaults, or an instant",
    '2026-02-01',
  ).optional(),
  due_to: told(momentText, TO, '2026-02-28').optional(),
  paid_from: told(
    momentText,
    "The first day on which it was paid, in the zone of the catalog's defaults, or an instant",
    '2026-02-01',
  ).optional(),
  paid_to: told(momentText, TO, '2026-02-28').optional(),
  planned_from: told(
    momentText,
    "The first day for which its next attempt is planned, in the zone of the catalog's defaults, or an instant",
    '2026-02-01',
  ).optional(),
  planned_to: told(momentText, TO, '2026-02-28').optional(),
  failure_code: told(filterText, 'Those whose last failure code is this', 'INSUFFICIENT_BALANCE'),
  class: told(z.enum(declineClasses), 'Those whose last attempt was declined like this', 'funds').optional(),
  channel: told(filterText, "Those whose last attempt went over this channel, by Xendit's code", 'CARDS'),
  first_channel: told(filterText, "Those whose first attempt went over this channel, by Xendit's code", 'CARDS'),
  plan: told(filterText, 'Those of this plan', 'pro-monthly'),
  currency: told(z.enum(currencies), 'Those in this currency', 'IDR').optional(),
  amount_from: told(amountText, 'Those of this amount or more, in major units', '100000').optional(),
  amount_to: told(amountText, 'Those of this amount or less, in major units', '150000').optional(),
  attempts_from: told(wholeNumber(0, 1_000), 'Those with so many attempts or more', 2).optional(),
  attempts_to: told(wholeNumber(0, 1_000), 'Those with so many attempts or fewer', 2).optional(),
  dunning: told(
    z.enum(['any', ...recoveries]),
    'Those that were declined at least once: any, or those that were paid since, are open, lost, or void',
    'recovered',
  ).optional(),
  first_class: told(z.enum(declineClasses), 'Those whose first decline was like this', 'funds').optional(),
  first_failure_code: told(filterText, 'Those whose first decline had this code', 'INSUFFICIENT_BALANCE'),
  in_dunning: told(
    yesOrNo,
    'Those that were declined and are neither paid nor given up, or the others',
    'true',
  ).optional(),
  missed: told(yesOrNo, 'Those that were found late, or were not', 'true').optional(),
  overpaid: told(yesOrNo, 'Those that were paid twice, or were not', 'true').optional(),
  refunded: told(yesOrNo, 'Those of which money went back, or of which none did', 'true').optional(),
  catalog_version: told(wholeNumber(1, 1_000_000), 'Those that go by this version of the catalog', 1).optional(),
  account: told(accountText, "Those of this sub-account of Xendit; empty: the merchant's own", '').optional(),
  sort: told(
    z.enum(chargeOrders),
    'Oldest due first, or newest; a list of no more than 50,000 also by amount, last attempt, or charge',
    '-due_at',
  ).default('due_at'),
};

type Query = z.infer<z.ZodObject<typeof chargeFilters>>;

/** The filter that a query means, or every fault of it in words. */
export function chargesAsked(ctx: Context, query: Query): ChargesAsked | { readonly faults: readonly RangeFault[] } {
  const due = logRange(ctx, query.due_from, query.due_to);
  const paid = logRange(ctx, query.paid_from, query.paid_to);
  const planned = logRange(ctx, query.planned_from, query.planned_to);
  const faults = [
    ...faultsOf('due', due),
    ...faultsOf('paid', paid),
    ...faultsOf('planned', planned),
    ...turnedAmounts(query),
  ];
  if ('faults' in due || 'faults' in paid || 'faults' in planned || faults.length > 0) return { faults };
  const { status, state, result, subscription, customer, find, channel, plan, currency, account, sort } = query;
  return {
    status,
    state,
    result,
    subscription,
    customer,
    find,
    channel,
    plan,
    currency,
    account,
    sort,
    inDunning: isYes(query.in_dunning),
    missed: isYes(query.missed),
    overpaid: isYes(query.overpaid),
    refunded: isYes(query.refunded),
    dueFrom: due.from ?? undefined,
    dueUntil: due.until ?? undefined,
    paidFrom: paid.from ?? undefined,
    paidUntil: paid.until ?? undefined,
    plannedFrom: planned.from ?? undefined,
    plannedUntil: planned.until ?? undefined,
    firstChannel: query.first_channel,
    failureCode: query.failure_code,
    class: query.class,
    amountFrom: query.amount_from,
    amountTo: query.amount_to,
    attemptsFrom: query.attempts_from,
    attemptsTo: query.attempts_to,
    dunning: query.dunning,
    firstClass: query.first_class,
    firstFailureCode: query.first_failure_code,
    catalogVersion: query.catalog_version,
  };
}

/** What a filter that is yes, no or not said means. */
export function isYes(said: 'true' | 'false' | undefined): boolean | undefined {
  return said === undefined ? undefined : said === 'true';
}

/** A range has two names of its own in each list: due_from and due_to, paid_from and paid_to. */
export function faultsOf(
  what: 'due' | 'paid' | 'planned' | 'next',
  range: object | { readonly faults: readonly RangeFault[] },
) {
  if (!('faults' in range)) return [];
  return range.faults.map(({ field, message }) => {
    return { field: `${what}_${field}`, message: message.replace('from', `${what}_from`) };
  });
}
