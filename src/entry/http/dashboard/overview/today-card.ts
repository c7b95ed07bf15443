import { type ChargeState, shownStates } from '../../../../domain/charges/shown-state.ts';
import { amountText } from '../../../../domain/money/money-text.ts';
import type { Counted, secondCount, Today } from '../../../../flows/views/pages/overview/today.ts';
import { type Html, html } from '../../pages/html.ts';
import { type Fill, stackedRow } from '../frame/chart.ts';
import { clockText, countText, shareText } from '../frame/figures.ts';
import { stateMark } from '../frame/symbols.ts';
import { chargesDue } from './due-links.ts';

/** From what is done to what is not begun, as the bar has them. */
const FILLS: Readonly<Record<ChargeState, Fill>> = {
  paid: 'first',
  partially_refunded: 'none',
  refunded: 'none',
  attempting: 'later',
  in_dunning: 'dun',
  waits_for_customer: 'dun',
  uncollectible: 'lost',
  unknown: 'person',
  held: 'person',
  void: 'none',
  due: 'soft',
};
const ORDER = Object.keys(FILLS) as ChargeState[];

/** The charges of a day by the charge log, and the ids by which that differs. */
export type SecondCount = Awaited<ReturnType<typeof secondCount>>;

export type Pace = { readonly now: Temporal.Instant; readonly zone: string; readonly allowed: number | null };

/** What fell due today, by its state: a bar, and the table that adds up. */
export function todayCard(today: Today, second: SecondCount | null, pace: Pace): Html {
  const { whole } = today;
  const table =
    whole.count === 0
      ? html`<p class="empty quiet">${nothingDue(today)}</p>`
      : html`<div class="pad">${bar(today, pace)}</div>${states(today, second)}`;
  return html`<section class="card" aria-labelledby="today"><div class="cap"><h2 id="today">Due today</h2><p>${paceText(today, pace)}</p></div>${table}</section>`;
}

function nothingDue({ next }: Today): string {
  return next === null ? 'Nothing fell due today, and nothing is planned.' : 'Nothing fell due today.';
}

function paceText({ house }: Today, { allowed }: Pace): string {
  const sent = `${countText(house.sentInMinute)} sent in the last minute`;
  if (allowed === null) return sent;
  const isWhole = house.sentInMinute >= allowed;
  return isWhole
    ? `Pace ${countText(allowed)} requests a minute, the whole allowance in use`
    : `${sent}, ${countText(allowed)} allowed`;
}

function inOrder({ states }: Today): Today['states'] {
  return states.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

function bar(today: Today, { now, zone }: Pace): Html {
  const { day, whole, done, finish } = today;
  const states = inOrder(today);
  const parts = states.map(({ state, count }) => ({
    fill: FILLS[state],
    value: count,
    title: `${shownStates[state].word}: ${countText(count)}`,
    href: chargesDue(day, day, { state }),
  }));
  const isWaiting = done < whole.count;
  const clock = (at: Temporal.Instant) => clockText(at, zone).slice(0, 5);
  const doneMark = {
    after: isWaiting ? parts.length - 1 : parts.length,
    text: `${shareText(done, whole.count)} done at ${clock(now)}`,
    isStrong: true,
  };
  const end = finish === null || !isWaiting ? [] : [{ after: parts.length, text: `100 % at about ${clock(finish)}` }];
  return stackedRow(parts, [doneMark, ...end]);
}

function states(today: Today, second: SecondCount | null): Html {
  const { day, currencies, whole } = today;
  const heads = currencies.map((currency) => html`<th role="columnheader" scope="col" class="n">${currency}</th>`);
  const rows = inOrder(today).map(
    (
      one,
    ) => html`<tr role="row"><th role="rowheader" scope="row" class="l">${stateMark(shownStates[one.state])}</th>${figures(one, today, chargesDue(day, day, { state: one.state }))}</tr>
`,
  );
  return html`<table class="t stack" role="table"><caption class="vh">Charges due today by state</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col" class="n">Charges</th><th role="columnheader" scope="col" class="n wide-only">Share</th>${heads}</tr></thead>
<tbody role="rowgroup">${rows}</tbody>
<tfoot role="rowgroup"><tr role="row"><th role="rowheader" scope="row" class="l">Due</th>${figures(whole, today, chargesDue(day, day))}</tr>
${secondRow(second, today)}</tfoot></table>`;
}

function figures({ count, amounts }: Counted, { currencies, whole }: Today, href: string): Html {
  const money = currencies.map((currency, index) => {
    const amount = amounts.get(currency) ?? 0;
    return html`<td role="cell" class="n ${index % 2 === 0 ? 'l' : 'r'}" data-c="${currency}">${amount === 0 ? html`<span class="quiet">0</span>` : amountText(amount, currency)}</td>`;
  });
  return html`<td role="cell" class="n r"><a href="${href}">${countText(count)}</a></td><td role="cell" class="n wide-only">${shareText(count, whole.count)}</td>${money}`;
}

/** The same charges by the charge log: both counts agree by id, or the ids by which they do not. */
function secondRow(second: SecondCount | null, { currencies }: Today): Html {
  const across = String(1 + currencies.length);
  if (second === null)
    return html`<tr role="row" class="sub"><th role="rowheader" scope="row" class="l">Counted again, by the charge log</th><td role="cell" class="n l" colspan="${String(2 + currencies.length)}">This took longer than 2 s</td></tr>`;
  const { count, notInLog, notInBook } = second;
  const isEqual = notInLog.length + notInBook.length === 0;
  const ids = notInLog.map((id) => html` <a href="/charges/${id}">${id.slice(0, 8)}</a>`);
  const parts = [
    ...(notInLog.length === 0 ? [] : [html`not in the charge log:${ids}`]),
    ...(notInBook.length === 0
      ? []
      : [html`only in the charge log:${notInBook.map((id) => html` <span class="id">${id}</span>`)}`]),
  ];
  const told = isEqual
    ? stateMark({ word: 'equal, by id', shape: 'paid', tone: 'ok' })
    : html`${stateMark({ word: 'differs', shape: 'warn', tone: 'bad' })} ${parts}`;
  return html`<tr role="row" class="sub"><th role="rowheader" scope="row" class="l">Counted again, by the charge log</th><td role="cell" class="n r">${countText(count)}</td><td role="cell" class="n l" colspan="${across}">${told}</td></tr>`;
}
