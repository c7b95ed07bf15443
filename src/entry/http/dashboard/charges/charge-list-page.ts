import { momentText, shortDay } from '../../../../domain/calendar/moment-text.ts';
import { type ChargeStatus, chargeStatuses } from '../../../../domain/charges/charge.ts';
import { statusWord } from '../../../../domain/charges/shown-state.ts';
import { failureCodes } from '../../../../domain/declines/decline.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import { type ChargeList, isListed, LAST, type ListedCharge } from '../../../../flows/views/pages/charge-list.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, countText, moment, money } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { stateMark } from '../frame/symbols.ts';
import { type ChargeQuery, type DueRange, linkTo } from './charge-query.ts';

export type ShownList = {
  readonly list: ChargeList;
  readonly query: ChargeQuery;
  readonly range: DueRange;
  readonly today: Temporal.PlainDate;
  readonly zone: string;
};

/** Charges, a row each: which, how many, how much, why. */
export function chargeListDocument(shown: ShownList): Page {
  const { list, range } = shown;
  const many = countText(list.count);
  const place = placeText(list);
  return {
    title: `Charges ${range.words}, ${place}`,
    heading: 'Charges',
    lede: html`What is owed, a row for each cycle. <b>${many}</b> ${list.count === 1 ? 'charge' : 'charges'} ${range.words}${narrowed(shown)}.`,
    acts: html`<form class="acts" method="get" action="/find" role="search" aria-label="Find"><label class="vh" for="q">A reference of yours, a customer, a charge, the reference of an attempt, or a payment of Xendit’s</label><input id="q" name="q" type="search" size="22"><button class="btn">Find</button></form>`,
    body: html`<section class="card" aria-labelledby="list"><h2 id="list" class="vh">The list</h2>
${tabs(shown)}${filters(shown)}${chips(shown)}${list.count === 0 ? empty(shown) : html`${sums(shown)}${table(shown)}${pages(shown)}`}</section>`,
  };
}

function placeText({ rows, place, count }: ChargeList): string {
  return count === 0 ? 'none' : `${countText(place)} to ${countText(place + rows.length - 1)} of ${countText(count)}`;
}

function narrowed({ query }: ShownList): string {
  return query.status === undefined ? '' : `, ${statusWord(query.status).toLowerCase()}`;
}

/** Each count obeys the other filters, and they sum to All. */
function tabs({ list, query }: ShownList): Html {
  const count = (status: ChargeStatus | null) =>
    list.totals.reduce((sum, one) => sum + (isListed({ status }, one) ? one.count : 0), 0);
  const tab = (status: ChargeStatus | null, name: string) => {
    const current = (query.status ?? null) === status ? html` aria-current="page"` : '';
    return html`<a href="${linkTo({ ...query, status: status ?? undefined })}"${current}>${name} <span>${countText(count(status))}</span></a>`;
  };
  const some = chargeStatuses.filter((status) => count(status) > 0 || query.status === status);
  return html`<nav class="tabs" aria-label="By state">${tab(null, 'All')}${some.map((status) => tab(status, statusWord(status)))}</nav>`;
}

const DAY = html` size="10" inputmode="numeric" pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}" aria-describedby="dates"`;

function filters({ query, range, today }: ShownList): Html {
  const { from, to } = range;
  const month = { from: today.with({ day: 1 }), to: today.with({ day: today.daysInMonth }) };
  const before = month.from.subtract({ days: 1 });
  const dates = (name: string, first: Temporal.PlainDate, last: Temporal.PlainDate) =>
    html`<a href="${linkTo({ ...query, due_from: first.toString(), due_to: last.toString(), all_time: undefined })}">${name}</a>`;
  const yesterday = today.subtract({ days: 1 });
  const codes = Object.keys(failureCodes)
    .toSorted()
    .map((code) => html`<option${code === query.failure_code ? html` selected` : ''}>${code}</option>`);
  return html`<form class="filters" method="get" action="/charges" role="search" aria-label="Charges">
${query.status === undefined ? '' : html`<input type="hidden" name="status" value="${query.status}">`}${query.in_dunning === undefined ? '' : html`<input type="hidden" name="in_dunning" value="true">`}
<div class="field"><label for="customer">Customer</label><input id="customer" name="customer" size="14" value="${query.customer ?? ''}"></div>
<div class="field"><label for="subscription">Subscription</label><input id="subscription" name="subscription" size="14" value="${query.subscription ?? ''}"></div>
<div class="field half"><label for="from">Due from</label><input id="from" name="due_from" value="${from?.toString() ?? ''}"${DAY}></div>
<div class="field half"><label for="to">to, included</label><input id="to" name="due_to" value="${to?.toString() ?? ''}"${DAY}></div>
<div class="field"><label for="code">Failure code</label><select id="code" name="failure_code"><option value="">All</option>${codes}</select></div>
<button class="btn">Show</button>
<p class="small quiet" id="dates">Dates as 2026-12-31: ${dates('today', today, today)}, ${dates('yesterday', yesterday, yesterday)}, ${dates('this month', month.from, month.to)}, ${dates('last month', before.with({ day: 1 }), before)}, <a href="${linkTo({ ...query, due_from: undefined, due_to: undefined, all_time: 'yes' })}">all time</a>.</p>
</form>`;
}

/** What the list is narrowed to, each with its own way to take it away. */
function chips({ query, range }: ShownList): Html {
  const all: readonly (readonly [string, string])[] = [
    ...(range.isAll
      ? []
      : [[range.words, linkTo({ ...query, due_from: undefined, due_to: undefined, all_time: 'yes' })] as const]),
    ...(query.status === undefined
      ? []
      : [[statusWord(query.status), linkTo({ ...query, status: undefined })] as const]),
    ...(query.customer === undefined
      ? []
      : [[`customer ${query.customer}`, linkTo({ ...query, customer: undefined })] as const]),
    ...(query.subscription === undefined
      ? []
      : [[`subscription ${query.subscription}`, linkTo({ ...query, subscription: undefined })] as const]),
    ...(query.in_dunning === undefined ? [] : [['in dunning', linkTo({ ...query, in_dunning: undefined })] as const]),
    ...(query.failure_code === undefined
      ? []
      : [[query.failure_code, linkTo({ ...query, failure_code: undefined })] as const]),
  ];
  if (all.length === 0) return html`<p class="chips"><span class="quiet">Shown: all charges there are.</span></p>`;
  const shown = all.map(
    ([words, href]) =>
      html`<a href="${href}">${words} <span aria-hidden="true">×</span><span class="vh">, take away</span></a>`,
  );
  return html`<p class="chips"><span class="quiet">Shown:</span>${shown}</p>`;
}

function empty({ range }: ShownList): Html {
  return html`<div class="empty"><p><b>There is no charge ${range.words} that all of this fits.</b></p>
<p class="quiet">Take one of the filters above away, or look at <a href="/charges?all_time=yes">all charges there are</a>.</p></div>`;
}

/** Over the whole list, whichever page of it is shown; a currency each. */
function sums({ list, query }: ShownList): Html {
  const counted = list.totals.filter((one) => isListed({ status: query.status ?? null }, one));
  const currencies = [...new Set(counted.map(({ currency }) => currency))];
  const sum = (currency: string, of: 'amount' | 'collected') =>
    counted.reduce((whole, one) => (one.currency === currency ? whole + one[of] : whole), 0);
  const pairs = currencies.map(
    (currency) => html`<div><dt>Due in ${currency}</dt><dd>${moneyText(sum(currency, 'amount'), currency)}</dd></div>
<div><dt>Collected in ${currency}</dt><dd>${moneyText(sum(currency, 'collected'), currency)}</dd></div>`,
  );
  return html`<dl class="sums"><div><dt>Charges</dt><dd>${countText(list.count)}</dd></div>${pairs}</dl>`;
}

function table({ list, query, range, zone }: ShownList): Html {
  const isUp = query.sort === undefined;
  const turned = linkTo({ ...query, sort: isUp ? '-due_at' : undefined });
  const isOneDay = range.from !== null && range.to !== null && range.from.equals(range.to);
  return html`<table class="t stick stack" role="table"><caption class="vh">Charges ${range.words}, by due date, ${isUp ? 'oldest' : 'newest'} first, ${placeText(list)}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Charge</th><th role="columnheader" scope="col" aria-sort="${isUp ? 'ascending' : 'descending'}"><a href="${turned}">Due <span aria-hidden="true">${isUp ? '↑' : '↓'}</span></a></th><th role="columnheader" scope="col">Customer</th><th role="columnheader" scope="col">Plan</th><th role="columnheader" scope="col" class="n">Amount</th><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">Why, and what comes next</th><th role="columnheader" scope="col" class="n">Last attempt</th></tr></thead>
<tbody role="rowgroup">
${list.rows.map((row) => tableRow(row, zone, isOneDay))}</tbody>
<tfoot role="rowgroup">${foot(list.rows)}</tfoot></table>`;
}

function tableRow(row: ListedCharge, zone: string, isOneDay: boolean): Html {
  const cycle = row.cycle === null ? 'once' : String(row.cycle);
  const time = (at: Temporal.Instant) =>
    isOneDay ? clockText(at, zone) : `${shortDay(at.toZonedDateTimeISO(zone).toPlainDate())}, ${clockText(at, zone)}`;
  const tried =
    row.lastAttemptAt === null ? html`<span class="quiet">none yet</span>` : Temporal.Instant.from(row.lastAttemptAt);
  const last = tried instanceof Temporal.Instant ? moment(tried, zone, time(tried)) : tried;
  return html`<tr role="row"><th role="rowheader" scope="row" class="l first"><a href="/charges/${row.id}">${row.subscription} · ${cycle}</a></th><td role="cell" class="nw wide-only">${moment(row.dueAt, zone, momentText(row.dueAt.toString(), zone))}</td><td role="cell" class="l quiet">${row.customer ?? 'unnamed'}</td><td role="cell" class="wide-only">${row.plan}</td><td role="cell" class="n r first">${money(row.amount, row.currency)}</td><td role="cell" class="r">${stateMark(row.state)}</td><td role="cell" class="why full">${row.why}</td><td role="cell" class="n wide-only">${last}</td></tr>
`;
}

/** Of the rows above alone, so that a printed page can be ticked off. */
function foot(rows: readonly ListedCharge[]): readonly Html[] {
  const byCurrency = Map.groupBy(rows, ({ currency }) => currency);
  return [...byCurrency].map(([currency, some]) => {
    const sum = some.reduce((whole, { amount }) => whole + amount, 0);
    return html`<tr role="row"><th role="rowheader" scope="row" class="l" colspan="4">These ${countText(some.length)} in ${currency}</th><td role="cell" class="n r">${money(sum, currency)}</td><td role="cell" colspan="3" class="wide-only"></td></tr>`;
  });
}

function pages({ list, query }: ShownList): Html {
  const link = (name: string, href: string | null) =>
    href === null ? html`` : html`<li><a class="btn" href="${href}">${name}</a></li>`;
  const first = list.place > 1 ? linkTo(query) : null;
  const previous = list.previous === null ? null : linkTo({ ...query, before: list.previous });
  const next = list.next === null ? null : linkTo({ ...query, after: list.next });
  const last = list.next === null ? null : linkTo({ ...query, before: LAST });
  return html`<nav class="pages" aria-label="Pages of the list"><p>${placeText(list)}</p><ul>${link('First', first)}${link('Previous', previous)}${link('Next 50', next)}${link('Last', last)}</ul></nav>`;
}
