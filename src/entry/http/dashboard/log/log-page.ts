import { moneyText } from '../../../../domain/money/money-text.ts';
import { LAST } from '../../../../flows/views/pages/list-part.ts';
import type { LogList } from '../../../../flows/views/pages/log-list.ts';
import { type Html, html } from '../../pages/html.ts';
import { type Days, daysText } from '../frame/days.ts';
import { countText } from '../frame/figures.ts';
import { type Typed, typedOf } from '../frame/filter-fields.ts';
import { type FormFault, summary } from '../frame/form.ts';
import type { Page } from '../frame/frame.ts';
import { chipsOf, downloads, manyText, notCounted, pagesNav, placeText } from '../frame/lists.ts';
import { logForm } from './log-form.ts';
import { type LogLink, type LogQuery, logAt, partOf, without } from './log-query.ts';
import { logTable } from './log-table.ts';
import { narrowings } from './log-words.ts';

export type ShownLogPage = {
  readonly list: LogList;
  readonly query: LogQuery;
  readonly days: Days;
  readonly today: Temporal.PlainDate;
  readonly zone: string;
  readonly plans: readonly string[];
};

/** The charge log, line by line, in the order of time. */
export function logDocument(shown: ShownLogPage): Page {
  const { list, query, days, today, plans } = shown;
  const typed = typedOf({ ...query, from: days.from?.toString(), to: days.to?.toString() });
  return {
    title: `Charge log ${whenText(days)}, ${placeText({ ...list, rows: list.rows.length })}`,
    heading: 'Charge log',
    lede: lede(shown),
    acts: downloads(list.count, (format) => logAt({ ...without(query), format }), 'line'),
    body: html`<section class="card" aria-labelledby="list"><h2 id="list" class="vh">The lines</h2>
${logForm({ typed, faults: [], today, asked: query, plans })}${chips(shown)}${list.rows.length === 0 ? empty(shown) : lines(shown)}</section>`,
  };
}

/** What was typed, told where it is wrong; no line is shown as if it had been obeyed. */
export function faultyLogDocument(
  typed: Typed,
  faults: readonly FormFault[],
  today: Temporal.PlainDate,
  plans: readonly string[],
): Page {
  const told = faults.map(({ field, message }) => ({ field, message: `${field} ${message}` }));
  return {
    title: 'Problem: the log cannot be narrowed so',
    above: summary('The log has nothing of what was asked for.', told),
    heading: 'Charge log',
    lede: 'No line is shown, since a part of what was asked for could not be read.',
    body: html`<section class="card" aria-labelledby="list"><h2 id="list" class="vh">What to ask for</h2>${logForm({ typed, faults, today, asked: {}, plans })}</section>`,
  };
}

function whenText(days: Days): string {
  return days.from === null && days.to === null ? 'of all time' : daysText(days);
}

function lede({ list: { count, uncounted }, days, query }: ShownLogPage): Html {
  const words = narrowings(query).map((one) => `, ${one.words}`);
  return html`What happened, an entry of the ledger a line. <b>${manyText(count, uncounted)}</b> ${count === 1 ? 'line' : 'lines'} ${whenText(days)}${words.join('')}.`;
}

/** What the log is narrowed to, each with its own way to take it away. */
function chips({ query, days }: ShownLogPage): Html {
  const isAll = days.from === null && days.to === null;
  const all: LogLink = isAll ? { all_time: 'yes' } : {};
  const when = { words: whenText(days), without: logAt({ ...without(query, 'from', 'to'), all_time: 'yes' }) };
  const others = narrowings(query).map(({ words, fields }) => ({
    words,
    without: logAt({ ...without(query, ...fields), ...all }),
  }));
  return chipsOf([...(isAll ? [] : [when]), ...others], 'Shown: all lines there are.');
}

function lines(shown: ShownLogPage): Html {
  const { list, query, days, zone } = shown;
  const at = (more: LogLink) => {
    const { rows, count, columns } = query;
    return logAt({ ...without(query), rows, count, columns, ...more });
  };
  const beside = {
    first: list.previous === null ? null : at({}),
    previous: list.previous === null ? null : at({ before: list.previous }),
    next: list.next === null ? null : at({ after: list.next }),
    last: list.next === null ? null : at({ before: LAST }),
  };
  const isWhole = query.columns === 'all';
  const { after, before } = query;
  const turned = at({ after, before, columns: isWhole ? undefined : 'all' });
  const part = { ...list, rows: list.rows.length };
  const caption = `Charge log ${whenText(days)}, oldest first, ${placeText(part)}`;
  return html`${sums(shown)}<p class="pad small"><a href="${turned}">${isWhole ? 'The first ten columns' : 'All columns'}</a></p>
${logTable({ rows: list.rows, isWhole, zone, caption })}${pagesNav(part, beside, partOf(query).rows)}`;
}

/** Over the whole filter, whichever page of it is shown; a currency each. `money` is what moved, and the one to sum. */
function sums({ list: { totals, count, uncounted }, query }: ShownLogPage): Html {
  if (totals === null || count === null)
    return notCounted('Lines', uncounted, logAt({ ...without(query), count: 'all' }));
  const pairs = totals.flatMap(({ currency, money, credit }) =>
    currency === null
      ? []
      : [
          html`<div><dt>Money that moved in ${currency}</dt><dd>${printed(money, currency)}</dd></div>`,
          ...(credit === 0
            ? []
            : [html`<div><dt>Credit that moved in ${currency}</dt><dd>${printed(credit, currency)}</dd></div>`]),
        ],
  );
  return html`<dl class="sums"><div><dt>Lines</dt><dd>${countText(count)}</dd></div>${pairs}</dl>`;
}

function printed(amount: number, currency: string): string {
  return moneyText(amount, currency).replace('-', '\u2212');
}

function empty({ query, days }: ShownLogPage): Html {
  const others = narrowings(query).map(({ words }) => `, ${words}`);
  if (days.from === null && days.to === null && others.length === 0)
    return html`<div class="empty"><p><b>Nothing happened yet.</b></p>
<p class="quiet">Each thing that happens to a subscription or a charge has its line here, with the decision and its reason.</p></div>`;
  return html`<div class="empty"><p><b>The log has no line ${whenText(days)}${others.join('')}.</b></p>
<p class="quiet">Take one of the filters above away, or look at <a href="/log?all_time=yes">all lines there are</a>.</p></div>`;
}
