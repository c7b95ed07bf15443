import { classWords, declineWords } from '../../../../domain/charges/story/words.ts';
import { failureCodes } from '../../../../domain/declines/decline.ts';
import type { DeclineClass } from '../../../../domain/declines/decline-class.ts';
import { type Recovery, recoveries } from '../../../../domain/dunning/recovery.ts';
import { type DunningPage, LAST_RETRY, type OfClass, type OfCode } from '../../../../flows/views/pages/dunning-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { type ChargeLink, type DueRange, linkTo } from '../charges/charge-query.ts';
import { barsOf, chart, smallMultiples } from '../frame/chart.ts';
import { countText, money, rateText } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';

export type ShownDunning = {
  readonly dunning: DunningPage;
  readonly range: DueRange;
  readonly today: Temporal.PlainDate;
};

/** What retries bring back, and what is lost by which cause. */
export function dunningDocument(shown: ShownDunning): Page {
  const { dunning, range } = shown;
  const body = dunning.all.cases === 0 ? empty(range) : html`${classes(shown)}${codes(shown)}`;
  return {
    title: `Dunning of charges ${range.words}`,
    heading: 'Dunning',
    lede: sentence(shown),
    body: html`<section class="card" aria-labelledby="range"><h2 id="range" class="vh">Which charges</h2>${form(shown)}</section>${body}`,
  };
}

/** A count that opens exactly its charges; `link` null: no list is narrowed to them. */
function counted(count: number, { range }: ShownDunning, link: ChargeLink | null): Html {
  if (count === 0) return html`<span class="quiet">0</span>`;
  if (link === null) return html`${countText(count)}`;
  const days =
    range.from === null && range.to === null
      ? { all_time: 'yes' as const }
      : { due_from: range.from?.toString(), due_to: range.to?.toString() };
  return html`<a href="${linkTo({ ...days, ...link })}">${countText(count)}</a>`;
}

/** Open ones stand in the denominator: nobody knows yet what becomes of them. */
function sentence(shown: ShownDunning): Html {
  const { all, days } = shown.dunning;
  if (all.cases === 0) return html`No charge ${shown.range.words} was declined.`;
  const took = days === null ? '' : `, within ${days.toFixed(1)} days on average`;
  return html`Of <b>${counted(all.cases, shown, { dunning: 'any' })}</b> declined ${all.cases === 1 ? 'charge' : 'charges'} ${shown.range.words}, <b>${counted(all.recovered, shown, { dunning: 'recovered' })}</b> ${all.recovered === 1 ? 'is' : 'are'} recovered so far${took}; ${counted(all.open, shown, { dunning: 'open' })} still open, ${counted(all.lost, shown, { dunning: 'lost' })} given up, ${counted(all.void, shown, { dunning: 'void' })} no longer owed.`;
}

function form({ range, today }: ShownDunning): Html {
  const month = { from: today.with({ day: 1 }), to: today.with({ day: today.daysInMonth }) };
  const before = { from: month.from.subtract({ months: 1 }), to: month.from.subtract({ days: 1 }) };
  const link = (name: string, { from, to }: typeof month) =>
    html`<a href="/dunning?${new URLSearchParams({ from: from.toString(), to: to.toString() }).toString()}">${name}</a>`;
  const day = (id: string, label: string, value: Temporal.PlainDate | null) =>
    html`<div class="field half"><label for="${id}">${label}</label><input id="${id}" name="${id}" size="10" inputmode="numeric" pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}" aria-describedby="dates" value="${value?.toString() ?? ''}"></div>`;
  return html`<form class="filters" method="get" action="/dunning" aria-label="Which charges">${day('from', 'Due from', range.from)}${day('to', 'to, included', range.to)}<button class="btn">Show</button>
<p class="small quiet" id="dates">Dates as 2026-12-31: ${link('this month', month)}, ${link('last month', before)}.</p></form>`;
}

function empty(range: DueRange): Html {
  return html`<section class="card" aria-labelledby="none"><div class="empty"><h2 id="none">Nothing was declined</h2>
<p class="quiet">Every charge ${range.words} was paid at its first try, is in line, or was never tried. The policy of retries is <code>dunning</code> of the catalog.</p></div></section>`;
}

const OUTCOMES: Readonly<Record<Recovery, string>> = {
  recovered: 'Recovered',
  open: 'Open',
  lost: 'Given up',
  void: 'No longer owed',
};

/** Which charges a retry brought: the first one has those too that were paid without another attempt. */
function broughtBy(retry: number): ChargeLink {
  if (retry === 1) return { dunning: 'recovered', attempts_to: 2 };
  if (retry === LAST_RETRY) return { dunning: 'recovered', attempts_from: retry + 1 };
  return { dunning: 'recovered', attempts_from: retry + 1, attempts_to: retry + 1 };
}

/** One more condition for the list; null: there is none for it. */
const and = (link: ChargeLink, more: ChargeLink | null): ChargeLink | null =>
  more === null ? null : { ...link, ...more };
const ofClass = (name: DeclineClass | null): ChargeLink | null => (name === null ? null : { first_class: name });
const retryName = (retry: number) => (retry === LAST_RETRY ? `${retry}+` : String(retry));

/** One scale for all, so that they compare. */
function classes(shown: ShownDunning): Html {
  const { classes: all, all: whole } = shown.dunning;
  const most = Math.max(...all.flatMap(({ retries }) => retries));
  const multiples = all.map((one) => ({
    name: classWords(one.class),
    figure: rateText(one.recovered, one.cases),
    change: `${countText(one.recovered)} of ${countText(one.cases)} recovered, ${countText(one.open)} open`,
    plot: barsOf(
      one.retries.map((value, index) => ({ value, name: retryName(index + 1) })),
      most,
      'later',
    ),
  }));
  const retries = Array.from({ length: LAST_RETRY }, (_, index) => index + 1);
  const rows = [...all, { ...whole, class: undefined, retries: retries.map((retry) => sumOf(all, retry)) }].map((one) =>
    classRow(shown, one),
  );
  const finding = `${rateText(whole.recovered, whole.cases)} of what was declined came in by a retry so far`;
  return html`<section class="card" aria-labelledby="classes"><div class="cap"><h2 id="classes">${finding}</h2><p>Recovered by which retry, one scale for all</p></div><div class="pad">${chart(
    {
      plot: smallMultiples(multiples),
      finding: `${finding}, by how they were declined first and by which retry.`,
      summary: `The figures, ${countText(all.length)} ${all.length === 1 ? 'class' : 'classes'}`,
      table: {
        caption: 'Declined charges by the class of their first decline',
        heads: [
          'First decline',
          'Cases',
          ...retries.map((retry) => `Retry ${retryName(retry)}`),
          ...recoveries.map((one) => OUTCOMES[one]),
          'Rate',
        ],
        rows,
      },
    },
  )}</div></section>`;
}

function sumOf(all: readonly OfClass[], retry: number): number {
  return all.reduce((sum, { retries }) => sum + (retries[retry - 1] ?? 0), 0);
}

/** `class` undefined: all of them. */
function classRow(
  shown: ShownDunning,
  one: Omit<OfClass, 'class'> & { readonly class: OfClass['class'] | undefined },
): readonly (Html | string)[] {
  const link = one.class === undefined ? {} : ofClass(one.class);
  return [
    one.class === undefined ? html`<b>All</b>` : classWords(one.class),
    counted(one.cases, shown, and({ dunning: 'any' }, link)),
    ...one.retries.map((count, index) => counted(count, shown, and(broughtBy(index + 1), link))),
    ...recoveries.map((recovery) => counted(one[recovery], shown, and({ dunning: recovery }, link))),
    `${rateText(one.recovered, one.cases)}`,
  ];
}

const CODE_HEADS = [
  'Failure code',
  'What it says',
  '*Cases',
  '*Recovered',
  '*Open',
  '*Given up',
  '*No longer owed',
  '*Amount',
  '*Collected',
];

function codes(shown: ShownDunning): Html {
  const { codes: all } = shown.dunning;
  const heads = CODE_HEADS.map(
    (name) => html`<th scope="col"${name.startsWith('*') ? html` class="n"` : ''}>${name.replace('*', '')}</th>`,
  );
  return html`<section class="card" aria-labelledby="codes"><div class="cap"><h2 id="codes">By failure code</h2><p>Of the first decline; a row for each currency</p></div>
<div class="scroll" tabindex="0" role="region" aria-label="By failure code, as a table"><table class="t"><caption class="vh">Declined charges by the code of their first decline</caption><thead><tr>${heads}</tr></thead><tbody>${all.map((one) => codeRow(shown, one))}</tbody></table></div></section>`;
}

function codeRow(shown: ShownDunning, one: OfCode): Html {
  const { code, currency } = one;
  const link = code === null ? null : { currency, first_failure_code: code };
  const cell = (recovery: Recovery) =>
    html`<td class="n">${counted(one[recovery], shown, and({ dunning: recovery }, link))}</td>`;
  const words = declineWords(code, one.class ?? failureCodes[code ?? '']?.class ?? null);
  return html`<tr><th scope="row"><code>${code ?? 'none'}</code></th><td>${words}</td><td class="n">${counted(one.cases, shown, and({ dunning: 'any' }, link))}</td>${recoveries.map(cell)}<td class="n">${money(one.amount, currency)}</td><td class="n">${money(one.collected, currency)}</td></tr>`;
}
