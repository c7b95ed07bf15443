import { dayText } from '../../../../domain/calendar/moment-text.ts';
import { type ChargeState, chargeStates, shownStates } from '../../../../domain/charges/shown-state.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import { MOST_SORTED } from '../../../../flows/views/lists/charge-question.ts';
import { type ChargeList, type ChargesSum, isOf } from '../../../../flows/views/pages/charge-list.ts';
import { LAST } from '../../../../flows/views/pages/list-part.ts';
import { type Html, html } from '../../pages/html.ts';
import { countText, moment } from '../frame/figures.ts';
import { type Typed, typedOf } from '../frame/filter-fields.ts';
import { type FormFault, summary } from '../frame/form.ts';
import type { Page } from '../frame/frame.ts';
import { chipsOf, downloads, manyText, notCounted, pagesNav, placeText } from '../frame/lists.ts';
import { filterForm } from './charge-form.ts';
import { type ChargeQuery, type DueRange, linkTo, partOf, without } from './charge-query.ts';
import { chargeChoice } from './charge-table.ts';
import { narrowings } from './charge-words.ts';

export type ShownList = {
  readonly list: ChargeList;
  readonly query: ChargeQuery;
  readonly range: DueRange;
  readonly today: Temporal.PlainDate;
  readonly zone: string;
  /** What is sold now, to choose from. */
  readonly plans: readonly string[];
  readonly csrf: string;
};

/** Charges, a row each: which, how many, how much, why. */
export function chargeListDocument(shown: ShownList): Page {
  const { list, range, query, today, plans } = shown;
  const typed = typedOf({ ...query, due_from: range.from?.toString(), due_to: range.to?.toString() });
  const form = filterForm({ typed, faults: [], today, asked: query, plans });
  return {
    title: `Charges ${range.words}, ${placeText({ ...list, rows: list.rows.length })}`,
    heading: 'Charges',
    lede: lede(shown),
    acts: downloads(list.count, (format) => linkTo({ ...without(query), format })),
    body: html`<section class="card" aria-labelledby="list"><h2 id="list" class="vh">The list</h2>
${tabs(shown)}${form}${chips(shown)}${rows(shown)}</section>`,
  };
}

/** What was typed, told where it is wrong; no list is shown as if it had been obeyed. */
export function faultyListDocument(
  typed: Typed,
  faults: readonly FormFault[],
  today: Temporal.PlainDate,
  plans: readonly string[],
): Page {
  const many = faults.length === 1 ? 'One thing is asked for' : `${countText(faults.length)} things are asked for`;
  const told = faults.map(({ field, message }) => ({ field, message: `${field} ${message}` }));
  return {
    title: 'Problem: the list cannot be narrowed so',
    above: summary(`${many} that there is not.`, told),
    heading: 'Charges',
    lede: 'No list is shown, since a part of what was asked for could not be read.',
    body: html`<section class="card" aria-labelledby="list"><h2 id="list" class="vh">What to ask for</h2>${filterForm({ typed, faults, today, asked: {}, plans })}</section>`,
  };
}

function lede({ list: { count, uncounted }, range, query }: ShownList): Html {
  const words = narrowings(query).map((one) => `, ${one.words}`);
  return html`What is owed, a row for each cycle. <b>${manyText(count, uncounted)}</b> ${count === 1 ? 'charge' : 'charges'} ${range.words}${words.join('')}.`;
}

/** Each count obeys the other filters, and they sum to All. */
function tabs({ list: { totals }, query }: ShownList): Html {
  const count = (state: ChargeState | undefined) =>
    totals === null ? null : totals.reduce((sum, one) => sum + (isOf(state, one) ? one.count : 0), 0);
  const tab = (state: ChargeState | undefined, name: string) => {
    const current = query.state === state ? html` aria-current="page"` : '';
    const many = count(state);
    return html`<a href="${linkTo({ ...without(query), state })}"${current}>${name}${many === null ? '' : html` <span>${countText(many)}</span>`}</a>`;
  };
  const some = chargeStates.filter((state) => count(state) !== 0 || query.state === state);
  return html`<nav class="tabs" aria-label="By state">${tab(undefined, 'All')}${some.map((state) => tab(state, shownStates[state].word))}</nav>`;
}

/** What the list is narrowed to, each with its own way to take it away. */
function chips({ query, range }: ShownList): Html {
  const isAll = range.from === null && range.to === null;
  const due = { words: range.words, without: linkTo({ ...without(query, 'due_from', 'due_to'), all_time: 'yes' }) };
  const others = narrowings(query).map(({ words, fields }) => ({
    words,
    without: linkTo(keeping(query, range, fields)),
  }));
  return chipsOf([...(isAll ? [] : [due]), ...others], 'Shown: all charges there are.');
}

/** Without these fields, and of the same days: who is named by a field has all of their charges shown. */
function keeping(query: ChargeQuery, { from, to }: DueRange, fields: readonly (keyof ChargeQuery)[]) {
  return { ...without(query, ...fields), ...(from === null && to === null ? { all_time: 'yes' as const } : {}) };
}

function rows(shown: ShownList): Html {
  const { list, query } = shown;
  if (list.isTooLongToSort) return tooLong(query);
  if (list.rows.length === 0) return empty(shown);
  const at = (more: Partial<ChargeQuery>) =>
    linkTo({ ...without(query), rows: query.rows, count: query.count, ...more });
  const beside = {
    first: list.previous === null ? null : at({}),
    previous: list.previous === null ? null : at({ before: list.previous }),
    next: list.next === null ? null : at({ after: list.next }),
    last: list.next === null ? null : at({ before: LAST }),
  };
  return html`${sums(shown)}${chargeChoice(shown)}${pagesNav({ ...list, rows: list.rows.length }, beside, partOf(query).rows)}`;
}

function tooLong(query: ChargeQuery): Html {
  return html`<div class="empty"><p><b>These are more than ${countText(MOST_SORTED)} charges: only by their due date are so many shown in order.</b></p>
<p class="quiet">Narrow the list, to a day or a plan, or look at it <a href="${linkTo(without(query, 'sort'))}">by due date</a>.</p></div>`;
}

/** The question in words, and the nearest thing there is. */
function empty({ list: { nearest }, query, range, zone }: ShownList): Html {
  const others = narrowings(query).map(({ words }) => `, ${words}`);
  const isAll = range.from === null && range.to === null;
  if (isAll && others.length === 0)
    return html`<div class="empty"><p><b>No charge fell due yet.</b></p>
<p class="quiet">Each cycle of a subscription has its charge here from the moment at which it falls due.</p></div>`;
  const question = `No charge ${isAll ? '' : 'fell '}${range.words}${others.join('')}.`;
  const day = (at: Temporal.Instant) => {
    const date = at.toZonedDateTimeISO(zone).toPlainDate();
    const link = linkTo({ ...without(query, 'all_time'), due_from: date.toString(), due_to: date.toString() });
    return moment(at, zone, html`<a href="${link}">${dayText(date)}</a>`);
  };
  const near = [
    nearest?.before == null ? html`` : html` The last one before fell due on ${day(nearest.before)}.`,
    nearest?.after == null ? html`` : html` The next one falls due on ${day(nearest.after)}.`,
  ];
  return html`<div class="empty"><p><b>${question}</b></p>
<p class="quiet">Take one of the filters above away, or look at <a href="/charges?all_time=yes">all charges there are</a>.${near}</p></div>`;
}

/** Over the whole list, whichever page of it is shown; a currency each. */
function sums({ list: { totals, count, uncounted }, query }: ShownList): Html {
  if (totals === null || count === null)
    return notCounted('Charges', uncounted, linkTo({ ...without(query), count: 'all' }));
  const counted = totals.filter((one) => isOf(query.state, one));
  const sum = (some: readonly ChargesSum[], of: 'amount' | 'collected') =>
    some.reduce((whole, one) => whole + one[of], 0);
  const pairs = [...Map.groupBy(counted, ({ currency }) => currency)].map(
    ([
      currency,
      some,
    ]) => html`<div><dt>Due in ${currency}</dt><dd>${moneyText(sum(some, 'amount'), currency)}</dd></div>
<div><dt>Collected in ${currency}</dt><dd>${moneyText(sum(some, 'collected'), currency)}</dd></div>`,
  );
  return html`<dl class="sums"><div><dt>Charges</dt><dd>${countText(count)}</dd></div>${pairs}</dl>`;
}
