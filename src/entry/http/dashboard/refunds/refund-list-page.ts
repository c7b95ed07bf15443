import { shortDay } from '../../../../domain/calendar/moment-text.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import { type RefundState, refundStates } from '../../../../domain/refunds/refund.ts';
import { shownRefunds } from '../../../../domain/refunds/shown-refund.ts';
import type { RefundLine, RefundList } from '../../../../flows/views/pages/refund-list.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, countText, moment, money } from '../frame/figures.ts';
import { filterFields, typedOf } from '../frame/filter-fields.ts';
import type { Page } from '../frame/frame.ts';
import { type Chip, chipsOf, downloads, pagesNav, placeText } from '../frame/lists.ts';
import { stateMark } from '../frame/symbols.ts';
import { type RefundQuery, refundsAt, without } from './refund-query.ts';

export type ShownRefunds = {
  readonly list: RefundList;
  readonly query: RefundQuery;
  readonly zone: string;
};

/** What went back, what is on its way, and what waits for somebody. */
export function refundListDocument(shown: ShownRefunds): Page {
  const { list, query } = shown;
  return {
    title: `Refunds, ${placeText(partOf(list))}`,
    heading: 'Refunds',
    lede: sentence(shown),
    acts: downloads(list.count, (format) => refundsAt({ ...without(query), format }), 'refund'),
    body: html`<section class="card" aria-labelledby="list"><h2 id="list" class="vh">The list</h2>
${tabs(shown)}${filters(query)}${chips(query)}${list.count === 0 ? empty(query) : html`${sums(list, query)}${table(shown)}${pages(shown)}`}</section>`,
  };
}

const partOf = ({ lines, place, count }: RefundList) => ({ rows: lines.length, place, count });

function countOf({ totals }: RefundList, states: readonly RefundState[]): number {
  return totals.reduce((sum, { state, count }) => (states.includes(state) ? sum + count : sum), 0);
}

const ON_ITS_WAY: readonly RefundState[] = ['approved', 'sent', 'unknown', 'pending'];

function sentence({ list, query }: ShownRefunds): Html {
  const many = html`<b>${countText(list.count)}</b> ${list.count === 1 ? 'refund' : 'refunds'}`;
  if (query.state !== undefined)
    return html`${many}, ${shownRefunds[query.state].word.toLowerCase()}, the newest first.`;
  const waits = countOf(list, ['wanted']);
  const approval =
    waits === 0
      ? 'None waits for approval'
      : html`<a href="${refundsAt({ ...without(query), state: 'wanted' })}">${countText(waits)}</a> ${waits === 1 ? 'waits' : 'wait'} for approval`;
  return html`${many}, the newest first. ${approval}; ${countText(countOf(list, ON_ITS_WAY))} on the way, ${countText(countOf(list, ['succeeded']))} given back.`;
}

/** Each count obeys the other filters, and they sum to All. */
function tabs({ list, query }: ShownRefunds): Html {
  const tab = (state: RefundState | undefined, name: string) => {
    const current = query.state === state ? html` aria-current="page"` : '';
    const count = countOf(list, state === undefined ? refundStates : [state]);
    return html`<a href="${refundsAt({ ...without(query), state })}"${current}>${name} <span>${countText(count)}</span></a>`;
  };
  const some = refundStates.filter((state) => countOf(list, [state]) > 0 || query.state === state);
  return html`<nav class="tabs" aria-label="By state">${tab(undefined, 'All')}${some.map((state) => tab(state, shownRefunds[state].word))}</nav>`;
}

function filters(query: RefundQuery): Html {
  const fields = filterFields({ typed: typedOf(query), faults: [] });
  return html`<form class="filters" method="get" action="/refunds" role="search" aria-label="Refunds">${fields.day('from', 'Asked for from')}${fields.day('to', 'to, included')}${fields.text('currency', 'Currency', 4)}${fields.kept(['state', 'charge', 'subscription'])}<button class="btn">Show</button><p class="small quiet" id="hint">Dates as 2026-12-31.</p></form>`;
}

function chips(query: RefundQuery): Html {
  const words: Readonly<Partial<Record<keyof RefundQuery, (value: string) => string>>> = {
    state: (value) => shownRefunds[value as RefundState].word,
    charge: () => 'of one charge',
    subscription: () => 'of one subscription',
    currency: (value) => `in ${value}`,
    from: (value) => `asked for from ${value}`,
    to: (value) => `until ${value}`,
  };
  const all = Object.entries(query).flatMap(([name, value]): readonly Chip[] => {
    const said = words[name as keyof RefundQuery];
    if (said === undefined || value === undefined) return [];
    return [{ words: said(value), without: refundsAt(without(query, name as keyof RefundQuery)) }];
  });
  return chipsOf(all, 'Shown: all refunds that were ever asked for.');
}

function empty(query: RefundQuery): Html {
  return refundsAt(without(query)) === '/refunds'
    ? html`<div class="empty"><p><b>No money was ever given back.</b></p><p class="quiet">A charge that is paid has “Give money back…”; what is given back in Xendit’s dashboard stands here as well.</p></div>`
    : html`<div class="empty"><p><b>No refund is all of this.</b></p><p class="quiet">Take one of the filters above away.</p></div>`;
}

/** Of all that is listed, and not only of the rows of this page: what was given back apart from what was not. */
function sums({ totals }: RefundList, { state }: RefundQuery): Html {
  const listed = totals.filter((one) => state === undefined || one.state === state);
  const pairs = [...Map.groupBy(listed, ({ currency }) => currency)].flatMap(([currency, all]) => {
    const sum = (some: readonly RefundState[]) =>
      moneyText(
        Math.round(all.reduce((whole, one) => (some.includes(one.state) ? whole + one.amount : whole), 0) * 100) / 100,
        currency,
      );
    return [
      [`Given back in ${currency}`, sum(['succeeded'])],
      [`Not yet, in ${currency}`, sum(['wanted', ...ON_ITS_WAY])],
    ] as const;
  });
  return html`<dl class="sums">${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

const HEADS = ['Refund of', 'Customer', 'Amount', 'State', 'Why, and what comes next', 'Asked by', 'Asked'];

function table({ list, zone }: ShownRefunds): Html {
  const heads = HEADS.map(
    (name) =>
      html`<th role="columnheader" scope="col"${name === 'Amount' || name === 'Asked' ? html` class="n"` : ''}>${name}</th>`,
  );
  return html`<table class="t stick stack" role="table"><caption class="vh">Refunds, the newest first, ${placeText(partOf(list))}</caption><thead role="rowgroup"><tr role="row">${heads}</tr></thead><tbody role="rowgroup">
${list.lines.map((line) => row(line, zone))}</tbody></table>`;
}

function row({ refund, shown, fate, reference, cycle, customer }: RefundLine, zone: string): Html {
  const at = Temporal.Instant.from(refund.asked_at);
  const day = shortDay(at.toZonedDateTimeISO(zone).toPlainDate());
  const name = `${reference} · ${cycle === null ? 'once' : String(cycle)}`;
  return html`<tr role="row"><th role="rowheader" scope="row" class="l first"><a href="/refunds/${refund.id}">${name}</a></th><td role="cell" class="l quiet">${customer ?? 'unnamed'}</td><td role="cell" class="n r first">${money(refund.amount, refund.currency)}</td><td role="cell" class="r">${stateMark(shown)}</td><td role="cell" class="why full">${fate}</td><td role="cell" class="wide-only">${refund.asked_by}</td><td role="cell" class="n wide-only">${moment(at, zone, `${day}, ${clockText(at, zone).slice(0, 5)}`)}</td></tr>
`;
}

function pages({ list, query }: ShownRefunds): Html {
  return pagesNav(partOf(list), {
    first: list.place > 1 ? refundsAt(without(query)) : null,
    previous: null,
    next: list.next === null ? null : refundsAt({ ...without(query), after: list.next }),
    last: null,
  });
}
