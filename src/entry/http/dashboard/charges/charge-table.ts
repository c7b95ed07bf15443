import { shortDay } from '../../../../domain/calendar/moment-text.ts';
import { type Currency, majorNumber } from '../../../../domain/money/money.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { ChargeLine } from '../../../../flows/views/lists/charge-lines.ts';
import type { ChargeList } from '../../../../flows/views/pages/charge-list.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, countText, moment, money } from '../frame/figures.ts';
import { formToken } from '../frame/form.ts';
import { placeText, sortHead } from '../frame/lists.ts';
import { stateMark } from '../frame/symbols.ts';
import { chosenField } from '../queue/decide-page.ts';
import { type ChargeQuery, type DueRange, linkTo, without } from './charge-query.ts';

type Shown = {
  readonly list: ChargeList;
  readonly query: ChargeQuery;
  readonly range: DueRange;
  readonly zone: string;
  /** What a form of ours shows that it is. */
  readonly csrf: string;
};

const SORTED: Readonly<Record<string, string>> = {
  due_at: 'by due date, oldest first',
  '-due_at': 'by due date, newest first',
  amount: 'by amount, smallest first',
  '-amount': 'by amount, largest first',
  last_attempt: 'by last attempt, oldest first',
  '-last_attempt': 'by last attempt, newest first',
  charge: 'by subscription and cycle',
  '-charge': 'by subscription and cycle, last first',
};

/** The rows with their boxes, and where those lead that are chosen: to what would happen to them. */
export function chargeChoice(shown: Shown): Html {
  const from = linkTo(shown.query);
  return html`<form method="post" action="/queue/decide">${formToken(shown.csrf)}<input type="hidden" name="from" value="${from}">
${chargeTable(shown)}
<div class="bulk wide-only"><button class="btn">Decide about the chosen…</button><span class="small quiet">Offers what all of them allow, asks for one reason, and shows what would happen to each before anything does.</span></div></form>`;
}

/** The rows of a page, in the order of the first columns of the file. */
function chargeTable({ list, query, range, zone }: Shown): Html {
  const address = (sort: string) => linkTo({ ...without(query), sort: sort as ChargeQuery['sort'] });
  const head = (name: string, by: string, isNumber = false) =>
    sortHead({ name, by, sort: query.sort, isNumber, address });
  const plain = (name: string) => html`<th role="columnheader" scope="col">${name}</th>`;
  const isOneDay = range.from !== null && range.to !== null && range.from.equals(range.to);
  const part = { ...list, rows: list.rows.length };
  return html`<table class="t stick stack" role="table"><caption class="vh">Charges ${range.words}, ${SORTED[query.sort] ?? ''}, ${placeText(part)}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="wide-only"><span class="vh">Choose</span></th>${head('Charge', 'charge')}${plain('Customer')}${plain('Plan')}${head('Amount', 'amount', true)}${plain('State')}${plain('Why, and what comes next')}${head('Last attempt', 'last_attempt', true)}${head('Due', 'due_at', true)}</tr></thead>
<tbody role="rowgroup">
${list.rows.map((row) => tableRow(row, zone, isOneDay))}</tbody>
<tfoot role="rowgroup">${foot(list.rows)}</tfoot></table>`;
}

function tableRow(
  { charge, subscription, customer, state, why, last }: ChargeLine,
  zone: string,
  isOneDay: boolean,
): Html {
  const time = (at: Temporal.Instant, shown: string) =>
    moment(at, zone, isOneDay ? shown : `${shortDay(at.toZonedDateTimeISO(zone).toPlainDate())}, ${shown}`);
  const tried = last === null ? null : Temporal.Instant.from(last.sentAt);
  const amount = majorNumber({ minor: charge.amount, currency: charge.currency });
  const name = `${subscription.referenceId} · ${charge.cycle === null ? 'once' : String(charge.cycle)}`;
  return html`<tr role="row"><td role="cell" class="wide-only"><input type="checkbox" name="${chosenField(charge.id)}" value="yes" aria-label="Choose ${name}"></td><th role="rowheader" scope="row" class="l first"><a href="/charges/${charge.id}">${name}</a></th><td role="cell" class="l quiet">${customer.referenceId ?? customer.xenditId ?? 'unnamed'}</td><td role="cell" class="wide-only">${charge.plan}</td><td role="cell" class="n r first">${money(amount, charge.currency)}</td><td role="cell" class="r">${stateMark(state)}</td><td role="cell" class="why full">${why}</td><td role="cell" class="n wide-only">${tried === null ? html`<span class="quiet">none yet</span>` : time(tried, clockText(tried, zone))}</td><td role="cell" class="n wide-only">${time(charge.dueAt, clockText(charge.dueAt, zone).slice(0, 5))}</td></tr>
`;
}

/** Of the rows above alone, so that a printed page can be ticked off. */
function foot(rows: readonly ChargeLine[]): Html {
  const byCurrency = [...Map.groupBy(rows, ({ charge }) => charge.currency)];
  const sum = (currency: Currency, some: readonly ChargeLine[], of: 'amount' | 'collected') =>
    moneyText(majorNumber({ minor: some.reduce((whole, { charge }) => whole + charge[of], 0n), currency }), currency);
  const due = byCurrency.map(
    ([currency, some], index) => html`${index === 0 ? '' : html`<br>`}${sum(currency, some, 'amount')}`,
  );
  const collected = byCurrency.map(([currency, some]) => sum(currency, some, 'collected')).join(' and ');
  const many = rows.length === 1 ? 'this row' : `these ${countText(rows.length)} rows`;
  return html`<tr role="row"><th role="rowheader" scope="row" colspan="4" class="l">Due, ${many}</th><td role="cell" class="n r">${due}</td><td role="cell" colspan="4" class="quiet full">Collected of these: ${collected}</td></tr>`;
}
