import { dayText, momentText } from '../../../../domain/calendar/moment-text.ts';
import { methodWords } from '../../../../domain/methods/method-words.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import { shownStates } from '../../../../domain/subscriptions/subscription-status.ts';
import type { SubscriptionPage } from '../../../../flows/views/pages/subscription-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { countText } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { icon, stateMark } from '../frame/symbols.ts';
import { refundCard } from '../refunds/refund-card.ts';
import { refundsAt } from '../refunds/refund-query.ts';
import { customerLink } from './customer-link.ts';
import { comingPart, happenedPart, methodsPart, sessionsPart, toldPart } from './subscription-parts.ts';
import { missingText, yearPart } from './year-part.ts';

type Subscription = SubscriptionPage['subscription'];

/** Whose eyes see it; and the page of a customer in the business's own system, where the catalog names one. */
type Look = { readonly mayAct: boolean; readonly customerUrl: string | null };

/** One subscription: how it stands, whether each of its cycles is accounted for, what comes and what happened. */
export function subscriptionDocument(shown: SubscriptionPage, { mayAct, customerUrl }: Look): Page {
  const { subscription } = shown;
  const state = shownStates[subscription.status];
  const name = subscription.reference_id;
  return {
    title: `${name}, ${state.word.toLowerCase()}`,
    crumbs: html`<a href="/subscriptions">Subscriptions</a>`,
    heading: html`<span class="nw">${name}</span>`,
    lede: html`${stateMark(state, 'big')} ${sentence(shown)}`,
    zone: subscription.time_zone,
    body: html`${missingNote(shown)}${facts(shown, customerUrl)}${yearPart(shown)}<div class="two">${comingPart(shown)}${happenedPart(shown)}</div>
${methodsPart(shown)}${sessionsPart(shown, mayAct)}${toldPart(shown)}${refundCard(shown.refunds, subscription.time_zone, refundsAt({ subscription: subscription.id }))}`,
  };
}

/** Loud, whatever year is shown: a cycle without a charge is money that nobody asks for. */
function missingNote({ missing }: SubscriptionPage): Html {
  if (missing.length === 0) return html``;
  const which = `${missing.length === 1 ? 'Cycle' : 'Cycles'} ${missingText(missing)}`;
  return html`<div class="note bad" role="note">${icon('warn')}<p><b>${which} of its life ${missing.length === 1 ? 'has' : 'have'} no charge.</b> Each cycle that fell due has one,
also where nothing was asked for. <code>dueday verify</code> looks at the whole book.</p></div>`;
}

/** Since when it stands so, why, and what comes next. */
function sentence({ subscription, since, stoppedBy, open }: SubscriptionPage): string {
  const { time_zone: zone, reason, status } = subscription;
  const at = (instant: string) => momentText(instant, zone);
  const begun = since === null ? '' : `since ${at(since)}. `;
  const why =
    reason === null || reason === ''
      ? ''
      : ` ${reason.slice(0, 1).toUpperCase()}${reason.slice(1).replace(/\.$/, '')}.`;
  if (subscription.ended_at !== null) return `${begun}It is over.${why}`;
  if (status === 'pending') return `${begun}Its customer has not saved a method yet; nothing is charged before.`;
  if (status === 'paused') {
    const until = subscription.resumes_on === null ? 'until somebody resumes it' : `until ${subscription.resumes_on}`;
    return `${begun}Nothing of it is charged ${until}.${why}`;
  }
  const owed = open
    .toReversed()
    .map(({ cycle, amount, currency, why: stands }) => {
      const what = cycle === null ? 'an extra charge' : `cycle ${cycle}`;
      return `${moneyText(amount, currency)} for ${what}: ${stands.slice(0, 1).toLowerCase()}${stands.slice(1)}. `;
    })
    .join('');
  if (subscription.cancel_at !== null)
    return `${begun}${owed}It is canceled at the end of its period, ${at(subscription.cancel_at)}.${why}`;
  if (stoppedBy !== null)
    return `${begun}${owed}A payment of its customer is disputed: nothing is charged until somebody lets it go on.`;
  const next = subscription.next_charge_at;
  return `${begun}${owed}${next === null ? 'No charge is planned.' : `The next charge is planned for ${at(next)}.`}`;
}

function facts(shown: SubscriptionPage, customerUrl: string | null): Html {
  const pairs = factsOf(shown, customerUrl).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<section class="card" aria-labelledby="facts"><h2 id="facts" class="vh">Facts</h2><dl class="facts">${pairs}</dl></section>`;
}

function factsOf(
  { subscription, collected, givenBack }: SubscriptionPage,
  customerUrl: string | null,
): readonly (readonly [string, Html | string])[] {
  const { customer, token, price, credit, access, time_zone: zone, planned_change: change } = subscription;
  const { currency } = price;
  const until = access.until === null ? '' : `, until ${momentText(access.until, zone)}`;
  return [
    [
      'Customer',
      customer.reference_id === null
        ? (customer.xendit_customer_id ?? 'unnamed')
        : customerLink(customerUrl, customer.reference_id),
    ],
    ['Plan', `${subscription.plan}, ${priceText(subscription)}, by catalog version ${subscription.catalog_version}`],
    [
      'Anchor',
      subscription.anchor_date === null ? 'not begun' : dayText(Temporal.PlainDate.from(subscription.anchor_date)),
    ],
    ['Method', token === null ? 'none yet' : methodWords({ ...token, channelCode: token.channel_code })],
    ['Mandate', mandateText(subscription)],
    ['Collected, less what was given back', moneyText(collected - givenBack, currency)],
    ['May they in?', `${access.allowed ? 'Yes' : 'No'}${until}`],
    ['Time zone', zone],
    ...(credit > 0 ? [['Credit', moneyText(credit, currency)] as const] : []),
    ...(subscription.coupon === null ? [] : [['Coupon', subscription.coupon.code] as const]),
    ...(change === null
      ? []
      : [
          [
            'Change to come',
            change.at === null ? change.state : `${change.state}, ${momentText(change.at, zone)}`,
          ] as const,
        ]),
    ['Subscription', html`<span class="id">${subscription.id}</span>`],
  ];
}

function priceText({ price, quantity, unit_amount: one }: Subscription): string {
  const whole = moneyText(price.amount, price.currency);
  return quantity > 1 ? `${whole}, ${countText(quantity)} times ${moneyText(one, price.currency)}` : whole;
}

function mandateText({ mandate }: Subscription): string {
  if (mandate === null) return 'none yet';
  const days = mandate.recurring_frequency;
  const often = days === 1 ? 'at most once a day' : `at most every ${days} days`;
  return `${often}, until ${dayText(Temporal.PlainDate.from(mandate.recurring_expiry))}`;
}
