import { shortDay } from '../../../../domain/calendar/moment-text.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { OwedRow, SubscriptionPage } from '../../../../flows/views/pages/subscription-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { linkTo } from '../charges/charge-query.ts';
import { countText, money } from '../frame/figures.ts';
import { stateMark } from '../frame/symbols.ts';
import { calendarKey, yearCalendar } from './year-calendar.ts';

/** Whether each cycle of a year is accounted for: as a calendar for the eye, and as a table that says the same. */
export function yearPart(shown: SubscriptionPage): Html {
  const { year, owed, days, today } = shown;
  const table = owed.length === 0 ? html`<p class="pad quiet">Nothing fell due in ${String(year)}.</p>` : cycles(shown);
  return html`<section class="card" aria-labelledby="cal"><div class="cap"><h2 id="cal">Cycles of ${String(year)}</h2><p>${years(shown)}</p></div>
<div class="pad">${calendarKey()}</div>${yearCalendar(days, today)}${table}</section>`;
}

/** The years beside it, from the first one with anything in it to the one after this. */
function years({ subscription, year, firstYear, thisYear }: SubscriptionPage): readonly Html[] {
  const near = [year - 1, year, year + 1].filter((one) => one >= firstYear && one <= thisYear + 1);
  return near.map((one, index) => {
    const before = index === 0 ? '' : ' · ';
    return one === year
      ? html`${before}<b>${String(one)}</b>`
      : html`${before}<a href="/subscriptions/${subscription.id}?year=${String(one)}">${String(one)}</a>`;
  });
}

/** With its calendar a page of more would be heavy; the list of charges has them all. */
const MOST_ROWS = 40;

function others({ subscription, year, owed }: Pick<SubscriptionPage, 'subscription' | 'year' | 'owed'>): Html {
  if (owed.length <= MOST_ROWS) return html``;
  const list = linkTo({ subscription: subscription.id, due_from: `${year}-01-01`, due_to: `${year}-12-31` });
  return html`<p class="pad small">The newest ${String(MOST_ROWS)} of ${countText(owed.length)}: <a href="${list}">all that fell due in ${String(year)}</a>.</p>`;
}

const HEADS = ['Cycle', 'Period', 'State', '*Collected', 'Why', '*Attempts'];

function cycles({ subscription, year, owed, missing }: SubscriptionPage): Html {
  const heads = HEADS.map(
    (name) =>
      html`<th role="columnheader" scope="col"${name.startsWith('*') ? html` class="n"` : ''}>${name.replace('*', '')}</th>`,
  );
  return html`<table class="t stack" role="table"><caption class="vh">Cycles of ${subscription.reference_id} that begin in ${String(year)}, newest first</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead><tbody role="rowgroup">
${owed.slice(0, MOST_ROWS).map(cycleRow)}</tbody><tfoot role="rowgroup">${foot(owed, missing)}</tfoot></table>${others({ subscription, year, owed })}`;
}

function cycleRow(row: OwedRow): Html {
  const name = row.cycle === null ? 'Extra' : String(row.cycle);
  const back = row.givenBack > 0 ? `; ${moneyText(row.givenBack, row.currency)} given back` : '';
  const collected = row.collected === 0 ? html`<span class="quiet">0</span>` : money(row.collected, row.currency);
  return html`<tr role="row"><th role="rowheader" scope="row" class="l first"><a href="/charges/${row.id}">${name}</a></th><td role="cell" class="l nw">${shortDay(row.start)} to ${shortDay(row.end)}</td><td role="cell" class="r">${stateMark(row.state)}</td><td role="cell" class="n r first">${collected}</td><td role="cell" class="why full">${row.why}${back}</td><td role="cell" class="n wide-only">${row.attempts === 0 ? html`<span class="quiet">0</span>` : countText(row.attempts)}</td></tr>
`;
}

/** How many there are, whether one is missing, and what they brought; a currency each. */
function foot(owed: readonly OwedRow[], missing: readonly number[]): readonly Html[] {
  const cycles = owed.filter(({ cycle }) => cycle !== null).length;
  const many = `${countText(cycles)} ${cycles === 1 ? 'cycle' : 'cycles'}`;
  const whole = missing.length === 0 ? `${many}, none missing` : `${many}; missing: ${missingText(missing)}`;
  return [...Map.groupBy(owed, ({ currency }) => currency)].map(([currency, rows]) => {
    const sum = (of: 'collected' | 'givenBack') => rows.reduce((total, row) => total + row[of], 0);
    const [collected, back] = [sum('collected'), sum('givenBack')];
    const kept =
      back === 0 ? '' : `less ${moneyText(back, currency)} given back: ${moneyText(collected - back, currency)} kept`;
    return html`<tr role="row"><th role="rowheader" scope="row" colspan="3" class="l">${whole}</th><td role="cell" class="n r">${money(collected, currency)}</td><td role="cell" colspan="2" class="quiet full">${kept}</td></tr>`;
  });
}

const SHOWN = 100;

/** "4, 5 and 9", and of very many that there are more. */
export function missingText(missing: readonly number[]): string {
  const last = missing.at(-1);
  if (missing.length >= SHOWN) return `${missing.join(', ')} and more`;
  return missing.length < 2 || last === undefined ? missing.join('') : `${missing.slice(0, -1).join(', ')} and ${last}`;
}
