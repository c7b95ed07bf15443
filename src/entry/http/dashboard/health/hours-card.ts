import type { HealthPage } from '../../../../flows/views/pages/health-page.ts';
import { type Html, html } from '../../pages/html.ts';
import { chart, type Fill, stackedColumns } from '../frame/chart.ts';
import { countText } from '../frame/figures.ts';

type Hours = HealthPage['hours'];

const HOURS = 24;
/** More than this is too long in line. */
const LATE_MINUTES = 15;

/** The last 24 hours in real time: how long charges were in line, and how many attempts went out. */
export function hoursCard(hours: Hours): Html {
  const late = Math.max(0, ...hours.map(({ lateSeconds }) => Math.ceil(lateSeconds / 60)));
  const most = Math.max(0, ...hours.map(({ sent }) => sent));
  const onTime =
    late > LATE_MINUTES
      ? `at most ${countText(late)} min in line, more than ${LATE_MINUTES}`
      : `never more than ${countText(late)} min in line`;
  return html`<div class="two"><section class="card" aria-labelledby="late"><div class="cap"><h2 id="late">Last 24 hours: ${onTime}</h2></div><div class="pad">${columns(hours, 'lost', 'Minutes in line, at most', ({ lateSeconds }) => Math.ceil(lateSeconds / 60))}</div></section>
<section class="card" aria-labelledby="sent"><div class="cap"><h2 id="sent">Last 24 hours: up to ${countText(most)} attempts a minute</h2></div><div class="pad">${columns(hours, 'none', 'Attempts a minute, at most', ({ sent }) => sent)}</div></section></div>`;
}

function columns(hours: Hours, fill: Fill, name: string, figure: (hour: Hours[number]) => number): Html {
  const shown = Array.from({ length: HOURS }, (_, index) => {
    const hoursAgo = HOURS - 1 - index;
    return { hoursAgo, hour: hours.find((one) => one.hoursAgo === hoursAgo) ?? null };
  });
  const text = (hour: Hours[number] | null) => (hour === null ? 'nobody looked' : countText(figure(hour)));
  const ago = (count: number) => (count === 0 ? 'this hour' : `${count} h ago`);
  const series = [{ fill, name }];
  return chart({
    series,
    plot: stackedColumns(
      series,
      shown.map(({ hoursAgo, hour }) => ({
        tick: hoursAgo % 6 === 0 ? ago(hoursAgo) : null,
        title: `${ago(hoursAgo)}: ${text(hour)}`,
        href: '/health',
        values: [hour === null ? 0 : figure(hour)],
      })),
    ),
    finding: `${name}, hour by hour.`,
    summary: `The same as a table, ${HOURS} hours`,
    table: {
      caption: `${name}, by hour`,
      heads: ['Hour', name],
      rows: shown.map(({ hoursAgo, hour }) => [ago(hoursAgo), text(hour)]),
    },
  });
}
