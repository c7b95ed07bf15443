import { sql as fragment, type SQL } from 'drizzle-orm';
import { LIVES_MONTHS } from '../../../domain/catalog/channel-table.ts';
import { subscriptions } from '../schema/subscriptions.ts';

/** For how many months a method lives, by the country and the code of its channel. */
const LIVES = Object.entries(LIVES_MONTHS).flatMap(([country, channels]) =>
  Object.entries(channels).map(([code, months]) => ({ country, code, months })),
);

/**
 * Subscriptions whose method in use may be counted on until this day at most: the rule of domain/methods/method-end.ts, said in SQL, so that a
 * list can be narrowed by it.
 */
export function endsBy(day: Temporal.PlainDate): SQL {
  const cardEnds = fragment`case when t.expiry_month ~ '^(0?[1-9]|1[0-2])$' and t.expiry_year ~ '^[2-9][0-9]{3}$'
    then (make_date(t.expiry_year::int, t.expiry_month::int, 1) + interval '1 month' - interval '1 day')::date end`;
  const channelEnds = fragment`(select ((t.saved_at at time zone ${subscriptions.timeZone})::date + make_interval(months => l.months) - interval '1 day')::date
    from jsonb_to_recordset(${JSON.stringify(LIVES)}::jsonb) as l(country text, code text, months int)
    where l.country = coalesce(t.country, ${subscriptions.country}) and l.code = t.channel_code)`;
  return fragment`exists (select from tokens t where t.bucket = ${subscriptions.bucket} and t.id = ${subscriptions.tokenId}
    and least(t.recurring_expiry, ${cardEnds}, ${channelEnds}) <= ${day.toString()}::date)`;
}
