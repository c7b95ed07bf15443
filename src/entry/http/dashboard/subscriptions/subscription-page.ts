import { dayText, momentText } from '../../../../domain/calendar/moment-text.ts';
import { majorNumber } from '../../../../domain/money/money.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import { shownStates } from '../../../../domain/subscriptions/subscription-status.ts';
import type { SubscriptionPage } from '../../../../flows/views/pages/subscription-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { linkTo } from '../charges/charge-query.ts';
import { countText, moment, money } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { stateMark } from '../frame/symbols.ts';

type Subscription = SubscriptionPage['subscription'];

/** One subscription: its state, what they agreed to, its charges, and those to come. */
export function subscriptionDocument(shown: SubscriptionPage): Page {
  const { subscription } = shown;
  const state = shownStates[subscription.status];
  const name = subscription.reference_id;
  const price = moneyText(subscription.price.amount, subscription.price.currency);
  return {
    title: `${name}, ${state.word.toLowerCase()}`,
    crumbs: html`<a href="/charges">Charges</a> / ${name}`,
    heading: html`<span class="nw">${name}</span>: ${subscription.plan} for <span class="nw">${price}</span>`,
    lede: html`${stateMark(state, 'big')} ${sentence(subscription)}`,
    body: html`${facts(subscription)}${charges(shown)}${coming(shown)}${methods(subscription)}`,
  };
}

/** Since when it stands so, why, and what comes next. */
function sentence(subscription: Subscription): string {
  const { time_zone: zone, reason, status } = subscription;
  const why =
    reason === null || reason === ''
      ? ''
      : ` ${reason.slice(0, 1).toUpperCase()}${reason.slice(1).replace(/\.$/, '')}.`;
  const at = (instant: string) => momentText(instant, zone);
  if (subscription.ended_at !== null) return `It is over since ${at(subscription.ended_at)}.${why}`;
  if (status === 'pending') return 'Its customer has not saved a method yet; nothing is charged before.';
  const since = subscription.past_due_since === null ? '' : `Past due since ${at(subscription.past_due_since)}. `;
  if (status === 'paused') {
    const until = subscription.resumes_on === null ? 'until somebody resumes it' : `until ${subscription.resumes_on}`;
    return `Nothing of it is charged ${until}.${why}`;
  }
  if (subscription.cancel_at !== null)
    return `${since}It is canceled at the end of its period, ${at(subscription.cancel_at)}.${why}`;
  const next = subscription.next_charge_at;
  return `${since}${next === null ? 'No charge is planned.' : `The next charge is planned for ${at(next)}.`}`;
}

function facts(subscription: Subscription): Html {
  const { customer, token, mandate, price, credit, access, time_zone: zone } = subscription;
  const until = access.until === null ? '' : `, until ${momentText(access.until, zone)}`;
  const ends =
    token?.expiry_month == null ? '' : `, ends ${String(token.expiry_month).padStart(2, '0')}/${token.expiry_year}`;
  const all: readonly (readonly [string, Html | string])[] = [
    [
      'Customer',
      html`<a href="${linkTo({ customer: customer.reference_id ?? customer.id })}">${customer.reference_id ?? 'unnamed'}</a>`,
    ],
    ['Plan', `${subscription.plan}, version ${subscription.catalog_version}`],
    [
      'Price',
      `${moneyText(price.amount, price.currency)}${subscription.quantity > 1 ? `, ${countText(subscription.quantity)} times ${moneyText(subscription.unit_amount, price.currency)}` : ''}`,
    ],
    ['Method', token === null ? 'none yet' : `${token.label ?? token.channel_code}${ends}`],
    ['Mandate', mandate === null ? 'none yet' : `until ${dayText(Temporal.PlainDate.from(mandate.recurring_expiry))}`],
    [
      'Cycles count from',
      subscription.anchor_date === null ? 'not begun' : dayText(Temporal.PlainDate.from(subscription.anchor_date)),
    ],
    ['Time zone', zone],
    ['May they in?', `${access.allowed ? 'Yes' : 'No'}${until}`],
    ...(credit > 0 ? [['Credit', moneyText(credit, price.currency)] as const] : []),
    ...(subscription.coupon === null ? [] : [['Coupon', subscription.coupon.code] as const]),
    ['Subscription', html`<span class="id">${subscription.id}</span>`],
  ];
  const pairs = all.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<section class="card" aria-labelledby="facts"><h2 id="facts" class="vh">Facts</h2><dl class="facts">${pairs}</dl></section>`;
}

/** The newest first; the list has them all. */
function charges({ subscription, charges: { rows, ...list } }: SubscriptionPage): Html {
  const count = list.count ?? rows.length;
  const all = html`<a href="${linkTo({ subscription: subscription.reference_id })}">All ${countText(count)} as a list</a>`;
  const head = html`<div class="cap"><h2 id="charges">Charges</h2><p>${count === 0 ? '' : all}</p></div>`;
  if (count === 0)
    return html`<section class="card" aria-labelledby="charges">${head}<p class="pad quiet">Nothing fell due yet.</p></section>`;
  const body = rows.map(
    ({ charge, state, why }) =>
      html`<tr role="row"><th role="rowheader" scope="row" class="l first"><a href="/charges/${charge.id}">${charge.cycle === null ? 'Extra charge' : `Cycle ${charge.cycle}`}</a></th><td role="cell" class="l quiet">${moment(charge.dueAt, subscription.time_zone, momentText(charge.dueAt.toString(), subscription.time_zone))}</td><td role="cell" class="n r first">${money(majorNumber({ minor: charge.amount, currency: charge.currency }), charge.currency)}</td><td role="cell" class="r">${stateMark(state)}</td><td role="cell" class="why full">${why}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="charges">${head}<table class="t stack" role="table"><caption class="vh">Charges of ${subscription.reference_id}, newest first, 1 to ${countText(rows.length)} of ${countText(count)}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">For</th><th role="columnheader" scope="col">Due</th><th role="columnheader" scope="col" class="n">Amount</th><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">Why, and what comes next</th></tr></thead>
<tbody role="rowgroup">${body}</tbody></table></section>`;
}

function coming({ subscription, upcoming }: SubscriptionPage): Html {
  if (upcoming.length === 0) return html``;
  const rows = upcoming.map(
    ({ cycle, due_at, amount, currency }) =>
      html`<tr><th scope="row">Cycle ${String(cycle)}</th><td>${momentText(due_at, subscription.time_zone)}</td><td class="n">${money(amount, currency)}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="coming"><div class="cap"><h2 id="coming">What comes</h2><p>Were nothing to happen meanwhile</p></div>
<table class="t"><caption class="vh">The next charges</caption><thead><tr><th scope="col">For</th><th scope="col">Due</th><th scope="col" class="n">Amount</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function methods({ methods: all }: Subscription): Html {
  if (all.length === 0) return html``;
  const rows = all.map(
    ({ rank, channel_code, label, status }) =>
      html`<tr><th scope="row">${String(rank)}</th><td>${channel_code}</td><td>${label ?? 'not told'}</td><td>${status}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="methods"><div class="cap"><h2 id="methods">Methods</h2><p>In the order in which they are charged</p></div>
<table class="t"><caption class="vh">Methods of this subscription</caption><thead><tr><th scope="col">Rank</th><th scope="col">Channel</th><th scope="col">Label</th><th scope="col">State</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}
