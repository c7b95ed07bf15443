import { dayText } from '../../../../domain/calendar/moment-text.ts';
import { methodWords } from '../../../../domain/methods/method-words.ts';
import { type SubscriptionStatus, subscriptionStatuses } from '../../../../domain/subscriptions/subscription.ts';
import { shownStates } from '../../../../domain/subscriptions/subscription-status.ts';
import type { SubscriptionLine } from '../../../../flows/views/list-subscriptions.ts';
import { LAST } from '../../../../flows/views/pages/list-part.ts';
import { countOf, type SubscriptionList } from '../../../../flows/views/pages/subscription-list.ts';
import { type Html, html } from '../../pages/html.ts';
import { linkTo } from '../charges/charge-query.ts';
import { countText, moment, money } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { chipsOf, downloads, manyText, notCounted, pagesNav, placeText } from '../frame/lists.ts';
import { stateMark } from '../frame/symbols.ts';
import { type SubscriptionQuery, subscriptionsAt, without } from './subscription-query.ts';

export type ShownSubscriptions = {
  readonly list: SubscriptionList;
  readonly query: SubscriptionQuery;
  /** What is sold now, to choose from. */
  readonly plans: readonly string[];
  readonly zone: string;
};

/** Subscriptions, a row each: who is subscribed to what, and how it stands. */
export function subscriptionListDocument(shown: ShownSubscriptions): Page {
  const { list, query } = shown;
  return {
    title: `Subscriptions, ${placeText(shownPart(list))}`,
    heading: 'Subscriptions',
    lede: sentence(shown),
    acts: downloads(list.count, (format) => subscriptionsAt({ ...without(query), format })),
    body: html`<section class="card" aria-labelledby="list"><h2 id="list" class="vh">The list</h2>
${tabs(shown)}${filters(shown)}${chips(query)}${list.lines.length === 0 ? empty(query) : html`${uncounted(shown)}${table(shown)}${pages(shown)}`}</section>`,
  };
}

const shownPart = ({ lines, place, count }: SubscriptionList) => ({ rows: lines.length, place, count });

function uncounted({ list, query }: ShownSubscriptions): Html {
  if (list.uncounted === null) return html``;
  return notCounted('Subscriptions', list.uncounted, subscriptionsAt({ ...without(query), count: 'all' }));
}

/** How many there are, and of how many the last charge was declined. */
function sentence({ list, query }: ShownSubscriptions): Html {
  const { count, totals, uncounted } = list;
  const many = html`<b>${manyText(count, uncounted)}</b> ${count === 1 ? 'subscription' : 'subscriptions'}`;
  if (query.status !== undefined) return html`${many}, ${shownStates[query.status].word.toLowerCase()}, newest first.`;
  if (totals === null) return html`${many}, newest first.`;
  const owing = countOf(totals, 'past_due');
  const late = html`<a href="${subscriptionsAt({ ...without(query), status: 'past_due' })}">${countText(owing)}</a>`;
  return html`${many}, newest first. ${owing === 0 ? 'None of them is past due.' : html`Past due: ${late}.`}`;
}

/** Each count obeys the other filters, and they sum to All. */
function tabs({ list: { totals }, query }: ShownSubscriptions): Html {
  const tab = (status: SubscriptionStatus | null, name: string) => {
    const current = (query.status ?? null) === status ? html` aria-current="page"` : '';
    const href = subscriptionsAt({ ...without(query), status: status ?? undefined });
    const count = totals === null ? '' : html` <span>${countText(countOf(totals, status))}</span>`;
    return html`<a href="${href}"${current}>${name}${count}</a>`;
  };
  const some = subscriptionStatuses.filter(
    (status) => totals === null || countOf(totals, status) > 0 || query.status === status,
  );
  return html`<nav class="tabs" aria-label="By state">${tab(null, 'All')}${some.map((status) => tab(status, shownStates[status].word))}</nav>`;
}

const ENDS = [30, 60, 90, 366];

function filters({ query, plans }: ShownSubscriptions): Html {
  const option = (value: string, words: string, chosen: boolean) =>
    html`<option value="${value}"${chosen ? html` selected` : ''}>${words}</option>`;
  const days = [...new Set([...ENDS, ...(query.method_ends_within === undefined ? [] : [query.method_ends_within])])];
  const sold = [...new Set([...plans, ...(query.plan === undefined ? [] : [query.plan])])];
  const day = (id: string, value: string | undefined) =>
    html`<input id="${id}" name="${id}" value="${value ?? ''}" size="10" inputmode="numeric" aria-describedby="dates">`;
  const kept = (['status', 'customer', 'reference_id', 'currency', 'account', 'catalog_version', 'live'] as const).map(
    (name) =>
      query[name] === undefined ? html`` : html`<input type="hidden" name="${name}" value="${String(query[name])}">`,
  );
  return html`<form class="filters" method="get" action="/subscriptions" role="search" aria-label="Subscriptions">${kept}
<div class="field grow"><label for="find">Find</label><input id="find" name="find" type="search" value="${query.find ?? ''}" aria-describedby="dates"></div>
<div class="field"><label for="plan">Plan</label><select id="plan" name="plan">${option('', 'All', query.plan === undefined)}${sold.map((name) => option(name, name, name === query.plan))}</select></div>
<div class="field"><label for="channel">Channel</label><input id="channel" name="channel" size="10" value="${query.channel ?? ''}"></div>
<div class="field half"><label for="next_from">Next cycle from</label>${day('next_from', query.next_from)}</div>
<div class="field half"><label for="next_to">to, included</label>${day('next_to', query.next_to)}</div>
<div class="field"><label for="method_ends_within">Method ends</label><select id="method_ends_within" name="method_ends_within">${option('', 'whenever', query.method_ends_within === undefined)}${days.map((count) => option(String(count), `within ${count} days`, count === query.method_ends_within))}</select></div>
<button class="btn">Show</button>
<p class="small quiet" id="dates">Find takes a reference of yours, a customer, an id, or a payment of Xendit’s. Dates as 2026-12-31.</p>
</form>`;
}

function chips(query: SubscriptionQuery): Html {
  const { status, next_from: from, next_to: to, method_ends_within: days, catalog_version: version, live } = query;
  const named = (['plan', 'channel', 'customer', 'reference_id', 'currency', 'account'] as const).flatMap((name) =>
    query[name] === undefined ? [] : [[`${name.replace('_id', '')} ${query[name]}`, name] as const],
  );
  const said: readonly (readonly [string, keyof SubscriptionQuery])[] = [
    ...(status === undefined ? [] : [[shownStates[status].word, 'status'] as const]),
    ...(query.find === undefined ? [] : [[`find ${query.find}`, 'find'] as const]),
    ...named,
    ...(from === undefined ? [] : [[`next cycle from ${from}`, 'next_from'] as const]),
    ...(to === undefined ? [] : [[`next cycle until ${to}`, 'next_to'] as const]),
    ...(version === undefined ? [] : [[`price of catalog version ${version}`, 'catalog_version'] as const]),
    ...(live === undefined
      ? []
      : [[live === 'true' ? 'neither canceled nor ended' : 'canceled or ended', 'live'] as const]),
    ...(days === undefined ? [] : [[`method ends within ${days} days`, 'method_ends_within'] as const]),
  ];
  const all = said.map(([words, name]) => ({ words, without: subscriptionsAt(without(query, name)) }));
  return chipsOf(all, 'Shown: all subscriptions there are.');
}

function empty(query: SubscriptionQuery): Html {
  if (Object.keys(without(query)).length === 0)
    return html`<div class="empty"><p><b>Nobody is subscribed yet.</b></p>
<p class="quiet">Your product creates a subscription with <code>POST /v1/subscriptions</code>, and <code>dueday demo</code> shows how one lives.</p></div>`;
  return html`<div class="empty"><p><b>There is no subscription that all of this fits.</b></p>
<p class="quiet">Take one of the filters above away, or look at <a href="/subscriptions">all subscriptions there are</a>.</p></div>`;
}

const HEADS = [
  'Subscription',
  'Customer',
  'Plan',
  '*Price',
  'State',
  'Next charge',
  'Method',
  '*In dunning',
  'Started',
];

function table({ list, zone }: ShownSubscriptions): Html {
  const heads = HEADS.map(
    (name) =>
      html`<th role="columnheader" scope="col"${name.startsWith('*') ? html` class="n"` : ''}>${name.replace('*', '')}</th>`,
  );
  return html`<table class="t stick stack" role="table"><caption class="vh">Subscriptions, newest first, ${placeText(shownPart(list))}</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${list.lines.map((line) => tableRow(line, zone))}</tbody></table>`;
}

function tableRow({ subscription, since, inDunning, methodEndsOn }: SubscriptionLine, zone: string): Html {
  const { id, reference_id: name, customer, plan, price, status, token } = subscription;
  const day = (at: string | null, none: string) => {
    if (at === null) return html`<span class="quiet">${none}</span>`;
    const instant = Temporal.Instant.from(at);
    return moment(instant, zone, dayText(instant.toZonedDateTimeISO(zone).toPlainDate()));
  };
  const ends = methodEndsOn === null ? '' : `, ${methodEndsOn.slice(5, 7)}/${methodEndsOn.slice(0, 4)}`;
  const method =
    token === null
      ? html`<span class="quiet">none yet</span>`
      : html`${methodWords({ ...token, channelCode: token.channel_code })}${ends}`;
  const owed =
    inDunning === 0
      ? html`<span class="quiet">0</span>`
      : html`<a href="${linkTo({ subscription: name, in_dunning: 'true' })}">${countText(inDunning)}</a>`;
  return html`<tr role="row"><th role="rowheader" scope="row" class="l first"><a href="/subscriptions/${id}">${name}</a></th><td role="cell" class="l quiet">${customer.reference_id ?? customer.xendit_customer_id ?? 'unnamed'}</td><td role="cell" class="wide-only">${plan}</td><td role="cell" class="n r first">${money(price.amount, price.currency)}</td><td role="cell" class="r">${stateMark(shownStates[status])}${since === null ? '' : html` <span class="small quiet">since ${day(since, '')}</span>`}</td><td role="cell" class="l nw">${day(subscription.next_charge_at, 'none planned')}</td><td role="cell" class="why full nw">${method}</td><td role="cell" class="n wide-only">${owed}</td><td role="cell" class="nw wide-only">${day(subscription.activated_at, 'not yet')}</td></tr>
`;
}

function pages({ list, query }: ShownSubscriptions): Html {
  const at = (more: Pick<SubscriptionQuery, 'after' | 'before'>) => subscriptionsAt({ ...without(query), ...more });
  return pagesNav(shownPart(list), {
    first: list.previous === null ? null : at({}),
    previous: list.previous === null ? null : at({ before: list.previous }),
    next: list.next === null ? null : at({ after: list.next }),
    last: list.next === null ? null : at({ before: LAST }),
  });
}
