import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { chargeStatuses } from '../../../domain/charges/charge.ts';
import { declineClasses } from '../../../domain/declines/decline-class.ts';
import { currencies } from '../../../domain/money/money.ts';
import { type LogAsked, logRange, type RangeFault } from '../../../flows/views/log/charge-log.ts';
import { told } from '../api/fields.ts';
import { accountText, amountText, filterText, momentText } from '../api/texts.ts';

/** What the charge log is narrowed by, under the same names for API, command and page. */
export const logFilters = {
  from: told(
    momentText,
    "The first day, in the zone of the catalog's defaults, or an instant",
    '2026-02-01',
  ).optional(),
  to: told(momentText, 'The last day, included, or an instant', '2026-02-28').optional(),
  find: told(
    filterText,
    "Those about what this names: a reference, an id, an attempt's reference, or a payment at Xendit",
    'py-1402feb0',
  ),
  plan: told(filterText, 'Entries about this plan', 'pro-monthly'),
  customer: told(filterText, 'Those of this customer, by your reference or its id', 'cust-1001'),
  status: told(z.enum(chargeStatuses), 'Those about charges that are in this status now', 'held').optional(),
  class: told(z.enum(declineClasses), 'Those with a decline of this kind', 'funds').optional(),
  failure_code: told(filterText, 'Those with this code of Xendit', 'INSUFFICIENT_BALANCE'),
  channel: told(filterText, "Those over this channel, by Xendit's code", 'CARDS'),
  currency: told(z.enum(currencies), 'Those in this currency', 'IDR').optional(),
  amount_from: told(amountText, 'Those with this amount or more, in major units', '100000').optional(),
  amount_to: told(amountText, 'Those with this amount or less, in major units', '150000').optional(),
  kind: told(filterText, 'Entries of this kind', 'charge.paid'),
  account: told(accountText, "Those of this sub-account of Xendit; empty: the merchant's own", '').optional(),
};

const query = z.object(logFilters);
type LogQuery = z.infer<typeof query>;

/** The filter that a query means, or every fault of it in words. */
export function logAsked(ctx: Context, query: LogQuery): LogAsked | { readonly faults: readonly RangeFault[] } {
  const range = logRange(ctx, query.from, query.to);
  const faults = [...('faults' in range ? range.faults : []), ...turnedAmounts(query)];
  if ('faults' in range || faults.length > 0) return { faults };
  const { amount_from: amountFrom, amount_to: amountTo, failure_code: failureCode } = query;
  const { find, plan, customer, status, class: declined, channel, currency, kind, account } = query;
  return {
    ...range,
    find,
    plan,
    customer,
    status,
    class: declined,
    failureCode,
    channel,
    currency,
    amountFrom,
    amountTo,
    kind,
    account,
  };
}

/** A range of amounts that begins behind its end holds nothing, and nobody means that. */
export function turnedAmounts({
  amount_from: from,
  amount_to: to,
}: Pick<LogQuery, 'amount_from' | 'amount_to'>): readonly RangeFault[] {
  if (from === undefined || to === undefined || Number(from) <= Number(to)) return [];
  return [{ field: 'amount_to', message: 'Must not be less than amount_from.' }];
}
