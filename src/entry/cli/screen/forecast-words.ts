import type { Forecast } from '../../../flows/forecast/forecast.ts';
import { table } from './table.ts';
import { counted, moneyText } from './wording.ts';

/** So many of those that cannot be forecast are named for each reason; --json names all. */
const NAMED = 3;

/** A forecast as finance reads it: a row a month and currency, what the figures rest on, and who is not in them. */
export function forecastWords(
  { run, assumptions, rows, not_forecast }: Forecast,
  file: string | null,
  width: number | null,
): string {
  const { from, to, time_zone, catalog_version, notes } = assumptions;
  const by =
    file === null ? `catalog version ${catalog_version}` : `${file} in the place of catalog version ${catalog_version}`;
  return [
    `What falls due from ${from} to ${to} in ${time_zone}, by ${by}:`,
    rows.length === 0 ? 'Nothing.' : monthTable(rows, width),
    `${counted(run.charges, 'charge')} of ${counted(run.subscriptions, 'subscription')}. Assumed: ${notes.join('; ')}.`,
    ...rateLines(assumptions),
    ...notForecastLines(not_forecast),
  ].join('\n');
}

function monthTable(rows: Forecast['rows'], width: number | null): string {
  const columns = [
    { title: 'month' },
    { title: 'charges', align: 'right' },
    { title: 'expected', align: 'right' },
    { title: 'weighted', align: 'right' },
  ] as const;
  const cells = rows.map(({ day, currency, expected, weighted, charges }) => [
    day.slice(0, 7),
    charges.toLocaleString('en'),
    moneyText(expected, currency),
    moneyText(weighted, currency),
  ]);
  return table(columns, cells, width);
}

function rateLines({
  success_rates,
  success_rates_from,
  success_rates_to,
}: Forecast['assumptions']): readonly string[] {
  if (success_rates.length === 0) return [];
  return [
    `Weighted by the charge log from ${success_rates_from} to ${success_rates_to}:`,
    ...success_rates.map((one) => `  ${one.class === null ? channelLine(one) : classLine(one)}`),
  ];
}

type Rate = Forecast['assumptions']['success_rates'][number];

function channelLine({ channel_code, attempts, succeeded, rate, basis }: Rate): string {
  const recorded = `${channel_code}: ${succeeded} of ${counted(attempts, 'first attempt')} succeeded`;
  switch (basis) {
    case 'recorded':
      return `${recorded}, and ${percent(rate)} comes in in the end`;
    case 'all_channels':
      return `${recorded}, which are too few: ${percent(rate)} as over all channels`;
    case 'default':
      return `${recorded}, which are too few: each charge counts as paid`;
  }
}

function classLine({ class: declined, attempts, succeeded, rate, basis }: Rate): string {
  const recorded = `  declined as ${declined}: ${succeeded} of ${counted(attempts, 'charge')} collected later`;
  switch (basis) {
    case 'recorded':
      return recorded;
    case 'all_channels':
      return `${recorded}, which are too few: ${percent(rate)} as over all channels`;
    case 'default':
      return `${recorded}, which are too few: each counts as lost`;
  }
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}

function notForecastLines(not_forecast: Forecast['not_forecast']): readonly string[] {
  if (not_forecast.length === 0) return [];
  const reasons = [...Map.groupBy(not_forecast, ({ why }) => why)].toSorted(([, a], [, b]) => b.length - a.length);
  return [
    `Not forecast: ${counted(not_forecast.length, 'subscription')}, in no row`,
    ...reasons.map(([why, some]) => {
      const named = some.slice(0, NAMED).map(({ subscription }) => subscription);
      const more = some.length > NAMED ? `, and ${some.length - NAMED} more (--json names all)` : '';
      return `  ${why}: ${named.join(', ')}${more}`;
    }),
  ];
}
