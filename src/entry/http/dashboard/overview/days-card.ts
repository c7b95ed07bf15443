import { dayText, shortDay } from '../../../../domain/calendar/moment-text.ts';
import { type ChargeResult, resultWords } from '../../../../domain/charges/result.ts';
import type { LastDays, PastDay } from '../../../../flows/views/pages/overview/last-days.ts';
import { type Html, html } from '../../pages/html.ts';
import { chart, type Fill, stackedColumns } from '../frame/chart.ts';
import { countText, shareText } from '../frame/figures.ts';
import { chargesDue } from './due-links.ts';
import { countedAt, type Found } from './kept-part.ts';

const FILLS: Readonly<Record<ChargeResult, Fill>> = {
  first_try: 'first',
  recovered: 'later',
  open: 'dun',
  lost: 'lost',
  given_up: 'none',
};
const ALL = Object.keys(FILLS) as ChargeResult[];

/** The last thirty days by due day, and what became of each day's charges. The heading is the finding. */
export function daysCard({ answer: past, at }: Found<LastDays>, zone: string): Html {
  return html`<section class="card" aria-labelledby="back"><div class="cap"><h2 id="back">${finding(past)}</h2>${countedAt(at, zone)}</div><div class="pad">${past.due === 0 ? html`<p class="quiet">A column a day will stand here: what was collected at the first try, what later, and what is open or lost.</p>` : plotted(past)}</div></section>`;
}

function finding({ due, results }: LastDays): string {
  const counted = due - results.given_up;
  if (counted === 0) return 'Last 30 days: nothing fell due';
  return `Last 30 days: ${shareText(results.first_try, counted)} at the first try, ${shareText(results.recovered, counted)} recovered`;
}

function plotted({ days, due, results }: LastDays): Html {
  const shown = ALL.filter((result) => result !== 'given_up' || results.given_up > 0);
  const series = shown.map((result) => ({ fill: FILLS[result], name: resultWords[result] }));
  const columns = days.map((one, index) => ({
    tick: index % 7 === 0 ? shortDay(one.day) : null,
    title: titleOf(one, shown),
    href: chargesDue(one.day, one.day),
    values: shown.map((result) => one.results[result]),
    label: labelOf(one),
  }));
  const [first, last] = [days[0], days.at(-1)];
  const span = first === undefined || last === undefined ? '' : `${dayText(first.day)} to ${dayText(last.day)}`;
  const told = days.flatMap((one) => labelOf(one) ?? []);
  return chart({
    series,
    plot: stackedColumns(series, columns),
    finding: `${countText(due)} charges by due day, ${span}. ${told.length === 0 ? 'No day stands out.' : `These days stand out: ${told.join('; ')}.`}`,
    summary: `The same as a table, ${days.length} days`,
    table: {
      caption: `Charges by due day, ${span}`,
      heads: ['Due day', 'Due', ...shown.map((result) => resultWords[result])],
      rows: days.toReversed().map((one) => row(one, shown)),
    },
  });
}

function titleOf({ day, due, results }: PastDay, shown: readonly ChargeResult[]): string {
  const parts = shown.map((result) => `${countText(results[result])} ${resultWords[result].toLowerCase()}`);
  return `${shortDay(day)}: ${countText(due)} due, ${parts.join(', ')}`;
}

function row({ day, due, results }: PastDay, shown: readonly ChargeResult[]): readonly (Html | string)[] {
  const figure = (count: number, href: string) =>
    count === 0 ? html`<span class="quiet">0</span>` : html`<a href="${href}">${countText(count)}</a>`;
  return [
    shortDay(day),
    figure(due, chargesDue(day, day)),
    ...shown.map((result) => figure(results[result], chargesDue(day, day, { result }))),
  ];
}

/** Why a day stands out: what at least half of its failures share, or what a person did. */
function labelOf({ day, results, due, standsOut }: PastDay): string | null {
  if (standsOut === null) return null;
  const { failed, missed, alike, channel, code, stopped } = standsOut;
  const what = shortDay(day);
  if (stopped !== null) return `${what}: charging was stopped`;
  if (missed * 2 >= failed) return `${what}: found late, nothing ran`;
  if (alike * 2 >= failed && code === 'CHANNEL_UNAVAILABLE') return `${what}: ${channel ?? 'a channel'} was down`;
  return `${what}: ${shareText(results.first_try, due - results.given_up)} at the first try`;
}
