import type { SubscriptionView } from '../../flows/views/subscription-view.ts';
import { moneyText, timeText } from './screen/wording.ts';

/** A subscription in words, a fact a line. */
export function shownSubscription(one: SubscriptionView): string {
  const { token, mandate, onboarding, current_cycle: cycle } = one;
  const facts: readonly (readonly [string, string | null])[] = [
    ['id', one.id],
    ['reference', one.reference_id],
    ['status', one.reason === null || one.cancel_at !== null ? one.status : `${one.status} (${one.reason})`],
    ['customer', one.customer.reference_id ?? one.customer.id],
    ['plan', `${one.plan}, ${moneyText(one.price.amount, one.price.currency)}, catalog version ${one.catalog_version}`],
    ['cycle', cycle === null ? null : `${cycle.number}: ${cycle.starts_on} to ${cycle.ends_on}`],
    ['next charge', `${timeText(one.next_charge_at, one.time_zone)} (${one.time_zone})`],
    ['changes', changeOf(one)],
    ['access', accessOf(one)],
    ['cancels', cancellation(one)],
    ['pauses', one.pause_at === null ? null : timeText(one.pause_at, one.time_zone)],
    ['goes on', one.resumes_on],
    ['pays with', token === null ? 'nothing saved yet' : `${token.label ?? token.channel_code}, ${token.status}`],
    [
      'mandate',
      mandate === null
        ? null
        : `until ${mandate.recurring_expiry}, at least ${mandate.recurring_frequency} day(s) apart`,
    ],
    ['session', onboarding === null ? null : `${onboarding.session_id}, ${onboarding.status}`],
    ['link', onboarding?.status === 'active' ? onboarding.payment_link_url : null],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(13)}${value}`])).join('\n');
}

/** When what is paid for ends, and why they leave. */
function cancellation({ cancel_at: at, reason, time_zone: zone }: SubscriptionView): string | null {
  if (at === null) return null;
  return `${timeText(at, zone)}${reason === null ? '' : ` (${reason})`}`;
}

/** The change that is planned, or what has to be paid before it applies. */
function changeOf({ planned_change: change, time_zone: zone }: SubscriptionView): string | null {
  if (change === null) return null;
  const { number, terms, at, charge_id: charge } = change;
  const to = terms === null ? '' : ` to ${terms.quantity} x ${terms.plan}, ${moneyText(terms.amount, terms.currency)}`;
  const when = charge === undefined ? timeText(at, zone) : `once it is paid (charge ${charge})`;
  return `${when}${to} (change ${number})`;
}

function accessOf({ access: { allowed, until, why }, time_zone: zone }: SubscriptionView): string {
  const end = until === null ? '' : ` until ${timeText(until, zone)}`;
  return `${allowed ? 'yes' : 'no'}${allowed ? end : ''} (${why.replace(/\.$/, '')})`;
}
