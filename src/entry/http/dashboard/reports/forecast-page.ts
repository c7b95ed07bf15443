import { dayText, momentText } from '../../../../domain/calendar/moment-text.ts';
import type { Currency } from '../../../../domain/money/money.ts';
import { amountText, moneyText } from '../../../../domain/money/money-text.ts';
import type { Forecast } from '../../../../flows/forecast/forecast.ts';
import { type Html, html } from '../../pages/html.ts';
import { stackedColumns } from '../frame/chart.ts';
import { countText, rateText } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';

type Row = Forecast['rows'][number];
type Sums = Pick<Row, 'charges' | 'expected' | 'weighted'>;

/** So many of those that cannot be forecast are named for each reason. */
const NAMED = 3;

/** How much is to come in, what that rests on, and who is not in it. Null: it is being made. */
export function forecastDocument(made: Forecast | null, zone: string): Page {
  const title = 'Forecast';
  if (made === null)
    return {
      title,
      heading: title,
      lede: 'What falls due in the next twelve months is being worked out. Look again in a minute.',
      body: html``,
    };
  return {
    title,
    heading: title,
    lede: sentence(made),
    body: html`${months(made, zone)}${rates(made.assumptions)}${notForecast(made.not_forecast)}`,
  };
}

function sentence({ rows, run, assumptions }: Forecast): Html {
  const span = `From ${day(assumptions.from)} to ${day(assumptions.to)}`;
  if (rows.length === 0)
    return html`${span} nothing falls due: ${countText(run.subscriptions)} subscriptions were looked at. Each that begins will stand here by its own rules.`;
  const parts = currenciesOf(rows).map((currency) => {
    const { charges, expected, weighted } = sumOf(rows, currency);
    return html`<b>${moneyText(expected, currency)}</b> in ${countText(charges)} ${charges === 1 ? 'charge' : 'charges'}, of which ${moneyText(weighted, currency)} comes in if charges succeed as often as they did`;
  });
  return html`${span} falls due ${parts.map((part, index) => html`${index === 0 ? '' : '; '}${part}`)}.`;
}

/** Months of one currency as columns and as a table that adds up. */
function months({ rows, run }: Forecast, zone: string): Html {
  const cards = currenciesOf(rows).map((currency) => {
    const some = rows.filter((row) => row.currency === currency);
    const id = `in-${currency.toLowerCase()}`;
    const series = [
      { fill: 'first', name: 'Comes in' },
      { fill: 'soft', name: 'Falls due, and does not come in' },
    ] as const;
    const columns = some.map((row) => ({
      tick: row.day.slice(0, 7),
      title: `${row.day.slice(0, 7)}: ${moneyText(row.expected, currency)} due, ${moneyText(row.weighted, currency)} comes in`,
      href: `#${id}`,
      values: [row.weighted, row.expected - row.weighted],
    }));
    const most = some.reduce((best, row) => (row.expected > best.expected ? row : best));
    const key = series.map(
      ({ fill, name }) =>
        html`<li><svg aria-hidden="true"><rect class="f-${fill}" width="12" height="12"/></svg>${name}</li>`,
    );
    return html`<section class="card" aria-labelledby="${id}"><div class="cap"><h2 id="${id}">${currency}: most falls due in ${most.day.slice(0, 7)}</h2><p>As of ${momentText(run.at, zone)}</p></div>
<div class="pad"><figure><ul class="key">${key}</ul>${stackedColumns(series, columns)}<figcaption class="vh">${currency} by month; the table says the same.</figcaption></figure></div>${table(some, currency)}</section>`;
  });
  return html`${cards}`;
}

function table(rows: readonly Row[], currency: Currency): Html {
  const line = (name: string, { charges, expected, weighted }: Sums) =>
    html`<tr><th scope="row" class="nw">${name}</th><td class="n">${countText(charges)}</td><td class="n">${amountText(expected, currency)}</td><td class="n">${amountText(weighted, currency)}</td></tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${currency} by month"><table class="t"><caption class="vh">What falls due in ${currency} by month</caption>
<thead><tr><th scope="col">Month</th><th scope="col" class="n">Charges</th><th scope="col" class="n">Falls due, ${currency}</th><th scope="col" class="n">Comes in, ${currency}</th></tr></thead>
<tbody>${rows.map((row) => line(row.day.slice(0, 7), row))}</tbody><tfoot>${line('Total', sumOf(rows, currency))}</tfoot></table></div>`;
}

const BASES = {
  recorded: 'as recorded',
  all_channels: 'too few of its own: as over all channels',
  default: 'too few of all: each charge counts as paid, and what was declined as lost',
} as const;

/** What the weights rest on, shown as what they are. */
function rates({
  success_rates: all,
  success_rates_from: from,
  success_rates_to: to,
  notes,
}: Forecast['assumptions']): Html {
  const rows = all.map(
    ({ channel_code: channel, class: declined, attempts, succeeded, rate, basis }) =>
      html`<tr><th scope="row">${channel === '' ? 'no known channel' : channel}${declined === null ? '' : `, declined as ${declined.replaceAll('_', ' ')}`}</th><td class="n">${countText(succeeded)} of ${countText(attempts)}</td><td class="n">${rateText(Math.round(rate * 1_000_000), 1_000_000)}</td><td>${BASES[basis]}</td></tr>`,
  );
  const assumed = notes.length === 0 ? '' : html`<p class="pad small quiet">Assumed: ${notes.join('; ')}.</p>`;
  if (rows.length === 0) return html`${assumed}`;
  return html`<section class="card" aria-labelledby="rates"><div class="cap"><h2 id="rates">What it is weighted by</h2><p>The charge log from ${day(from)} to ${day(to)}</p></div>
<div class="scroll" tabindex="0" role="region" aria-label="Success rates"><table class="t"><caption class="vh">How often what is asked for comes in</caption><thead><tr><th scope="col">Channel</th><th scope="col" class="n">Succeeded</th><th scope="col" class="n">Comes in</th><th scope="col">Rests on</th></tr></thead><tbody>${rows}</tbody></table></div>${assumed}</section>`;
}

function notForecast(all: Forecast['not_forecast']): Html {
  if (all.length === 0) return html``;
  const reasons = [...Map.groupBy(all, ({ why }) => why)].toSorted(([, a], [, b]) => b.length - a.length);
  const items = reasons.map(([why, some]) => {
    const named = some
      .slice(0, NAMED)
      .map(
        ({ subscription }, index) =>
          html`${index === 0 ? '' : ', '}<a href="/subscriptions/${subscription}">${subscription}</a>`,
      );
    const more = some.length > NAMED ? `, and ${countText(some.length - NAMED)} more` : '';
    return html`<li>${why}: ${named}${more}</li>`;
  });
  return html`<section class="card" aria-labelledby="not"><div class="cap"><h2 id="not">${countText(all.length)} ${all.length === 1 ? 'subscription is' : 'subscriptions are'} in no row</h2><p>Nobody can say it of them</p></div><ul class="pad">${items}</ul></section>`;
}

function currenciesOf(rows: readonly Row[]): readonly Currency[] {
  return [...new Set(rows.map(({ currency }) => currency))].toSorted();
}

function sumOf(rows: readonly Row[], currency: Currency): Sums {
  const some = rows.filter((row) => row.currency === currency);
  const sum = (pick: (row: Row) => number) => some.reduce((total, row) => total + pick(row), 0);
  return {
    charges: sum((row) => row.charges),
    expected: sum((row) => row.expected),
    weighted: sum((row) => row.weighted),
  };
}

function day(text: string): string {
  return dayText(Temporal.PlainDate.from(text));
}
