import { dayText, momentText, shortDay } from '../../../../domain/calendar/moment-text.ts';
import type { Currency } from '../../../../domain/money/money.ts';
import { amountText, moneyText } from '../../../../domain/money/money-text.ts';
import type { Forecast } from '../../../../flows/forecast/forecast.ts';
import type { ComingRetries } from '../../../../flows/views/pages/overview/coming-days.ts';
import { type Html, html } from '../../pages/html.ts';
import { chart, stackedColumns } from '../frame/chart.ts';
import { countText } from '../frame/figures.ts';

export type Coming = { readonly made: Forecast | null; readonly planned: ComingRetries; readonly zone: string };

type Sum = { readonly count: number; readonly amount: number };
type Day = {
  readonly day: Temporal.PlainDate;
  readonly cycles: (currency: Currency | null) => Sum;
  readonly retries: (currency: Currency | null) => Sum;
};

/** The next thirty days: what falls due by the forecast, and the attempts that are planned already. */
export function comingCard(coming: Coming): Html {
  const { made, planned } = coming;
  const span = `${dayText(planned.from)} to ${dayText(planned.to)}`;
  if (made === null)
    return html`<section class="card" aria-labelledby="next"><div class="cap"><h2 id="next">Next 30 days</h2></div><p class="pad quiet">The forecast of ${span} is being made. Look again in a minute.</p></section>`;
  const days = daysOf(coming, made);
  const currencies = [...new Set([...made.rows, ...planned.retries].map(({ currency }) => currency))].toSorted();
  const body = days.every((one) => one.cycles(null).count + one.retries(null).count === 0)
    ? html`<p class="quiet">A column a day will stand here: the cycles that fall due, and the attempts that are planned.</p>`
    : plotted(days, currencies, span);
  return html`<section class="card" aria-labelledby="next"><div class="cap"><h2 id="next">${finding(days, currencies)}</h2><p>Forecast of ${momentText(made.run.at, coming.zone)}</p></div><div class="pad">${body}</div></section>`;
}

function daysOf({ planned }: Coming, { rows }: Forecast): readonly Day[] {
  const length = planned.to.since(planned.from).days + 1;
  return Array.from({ length }, (_, index) => {
    const day = planned.from.add({ days: index });
    const text = day.toString();
    const cycles = rows
      .filter((row) => row.day === text)
      .map((row) => ({ ...row, count: row.charges, amount: row.expected }));
    const retries = planned.retries.filter((row) => row.day === text);
    return { day, cycles: (currency) => sumOf(cycles, currency), retries: (currency) => sumOf(retries, currency) };
  });
}

/** `currency` null: of all, where only the count is one that adds up. */
function sumOf(rows: readonly (Sum & { readonly currency: Currency })[], currency: Currency | null): Sum {
  const some = rows.filter((row) => currency === null || row.currency === currency);
  return {
    count: some.reduce((sum, { count }) => sum + count, 0),
    amount: some.reduce((sum, { amount }) => sum + amount, 0),
  };
}

function finding(days: readonly Day[], currencies: readonly Currency[]): string {
  const sums = currencies
    .map((currency) => [currency, days.reduce((sum, one) => sum + one.cycles(currency).amount, 0)] as const)
    .filter(([, amount]) => amount > 0)
    .map(([currency, amount]) => moneyText(amount, currency));
  return sums.length === 0 ? 'Next 30 days: nothing falls due' : `Next 30 days: ${sums.join(' and ')} fall due`;
}

function plotted(days: readonly Day[], currencies: readonly Currency[], span: string): Html {
  const series = [
    { fill: 'none', name: 'New cycles' },
    { fill: 'dun', name: 'Attempts already planned' },
  ] as const;
  const columns = days.map((one, index) => ({
    tick: index % 7 === 0 ? shortDay(one.day) : null,
    title: `${shortDay(one.day)}: ${countText(one.cycles(null).count)} new cycles, ${countText(one.retries(null).count)} attempts planned`,
    href: FORECAST,
    values: [one.cycles(null).count, one.retries(null).count],
  }));
  const most = days.reduce((best, one) => (one.cycles(null).count > best.cycles(null).count ? one : best));
  return chart({
    series,
    plot: stackedColumns(series, columns),
    finding: `Charges to come by day, ${span}. Most fall due on ${dayText(most.day)}: ${countText(most.cycles(null).count)}.`,
    summary: `The same as a table, ${days.length} days`,
    table: {
      caption: `Charges to come by day, ${span}`,
      heads: [
        'Day',
        'New cycles',
        ...currencies,
        'Planned attempts',
        ...currencies.map((currency) => `${currency} of them`),
      ],
      rows: days.map((one) => row(one, currencies)),
    },
  });
}

const FORECAST = '/reports/forecast';

function row({ day, cycles, retries }: Day, currencies: readonly Currency[]): readonly (Html | string)[] {
  const money = (of: Day['cycles']) =>
    currencies.map((currency) => {
      const { count, amount } = of(currency);
      return count === 0 ? html`<span class="quiet">0</span>` : amountText(amount, currency);
    });
  const { count } = retries(null);
  const planned = `/charges?${new URLSearchParams({ planned_from: day.toString(), planned_to: day.toString() }).toString()}`;
  return [
    shortDay(day),
    countText(cycles(null).count),
    ...money(cycles),
    count === 0 ? html`<span class="quiet">0</span>` : html`<a href="${planned}">${countText(count)}</a>`,
    ...money(retries),
  ];
}
