import { z } from 'zod';
import type { Context } from '../../../context.ts';
import { localDate } from '../../../domain/calendar/cycle.ts';
import { currencies } from '../../../domain/money/money.ts';
import type { SubscriptionsAsked } from '../../../flows/views/list-subscriptions.ts';
import { logRange, type RangeFault } from '../../../flows/views/log/charge-log.ts';
import { told, wholeNumber } from '../api/fields.ts';
import { subscriptionStatus } from '../api/schemas.ts';
import { accountText, filterText, momentText, yesOrNo } from '../api/texts.ts';
import { faultsOf, isYes } from './charge-filters.ts';

/** What the list of subscriptions is narrowed by, under the same names for API, command and page. */
export const subscriptionFilters = {
  status: told(subscriptionStatus, 'Those of this status', 'past_due').optional(),
  plan: told(filterText, 'Those of this plan', 'pro-monthly'),
  customer: told(filterText, 'Those of this customer, by your reference or its id', 'cust-1001'),
  reference_id: told(filterText, 'The one with this reference of yours', 'sub-1001'),
  find: told(
    filterText,
    "Those that this names: a reference, an id, an attempt's reference, or a payment at Xendit",
    'py-1402feb0',
  ),
  channel: told(filterText, "Those whose method goes over this channel, by Xendit's code", 'CARDS'),
  currency: told(z.enum(currencies), 'Those in this currency', 'IDR').optional(),
  next_from: told(
    momentText,
    "The first day on which their next cycle falls due, in the zone of the catalog's defaults, or an instant",
    '2026-02-01',
  ).optional(),
  next_to: told(momentText, 'The last day, included, or an instant', '2026-02-28').optional(),
  method_ends_within: told(
    wholeNumber(1, 366),
    'Those whose method may be counted on for no more than so many days',
    60,
  ).optional(),
  catalog_version: told(wholeNumber(1, 1_000_000), 'Those whose price is of this catalog version', 1).optional(),
  live: told(yesOrNo, 'Those that are neither canceled nor ended, or are', 'true').optional(),
  account: told(accountText, "Those of this sub-account of Xendit; empty: the merchant's own", '').optional(),
};

type Query = z.infer<z.ZodObject<typeof subscriptionFilters>>;

/** The filter that a query means, or every fault of it in words. */
export function subscriptionsAsked(
  ctx: Context,
  query: Query,
  now: Temporal.Instant,
): SubscriptionsAsked | { readonly faults: readonly RangeFault[] } {
  const next = logRange(ctx, query.next_from, query.next_to);
  if ('faults' in next) return { faults: faultsOf('next', next) };
  const { status, plan, customer, reference_id: reference, find, channel, currency, account } = query;
  const days = query.method_ends_within;
  const range = {
    catalogVersion: query.catalog_version,
    live: isYes(query.live),
    nextFrom: next.from ?? undefined,
    nextUntil: next.until ?? undefined,
    methodEndsBy: days === undefined ? undefined : localDate(now, ctx.catalog.current.defaults.timeZone).add({ days }),
  };
  return { status, plan, customer, reference, find, channel, currency, account, ...range };
}
