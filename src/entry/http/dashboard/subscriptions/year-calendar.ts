import type { Day, Dot, Ground } from '../../../../domain/charges/year-of-days.ts';
import { type Html, html } from '../../pages/html.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const WEEK = ['M', 'T', 'W', 'T', 'F', 'S', 'S'];
const WIDE = 21;
const HIGH = 18;

const GROUNDS: Readonly<Record<Ground, string>> = { paid: 'cov-ok', owed: 'cov-wait', off: 'cov-off' };
const DOTS: Readonly<Record<Dot, string>> = { paid: 'dot-ok', declined: 'dot-bad', open: 'dot-next' };

/** What its grounds, frames and dots mean. */
export function calendarKey(): Html {
  const ground = (name: string) => html`<rect class="${name}" x="1" y="2" width="14" height="12" rx="3"/>`;
  const dot = (name: string) => html`<circle class="${name}" cx="8" cy="8" r="4"/>`;
  const all: readonly (readonly [Html, string])[] = [
    [ground(GROUNDS.paid), 'Paid for'],
    [ground(GROUNDS.owed), 'Owed'],
    [ground(GROUNDS.off), 'Void, or paused'],
    [html`<rect class="due" x="1" y="1" width="14" height="14" rx="4"/>`, 'Falls due'],
    [dot(DOTS.paid), 'Collected'],
    [dot(DOTS.declined), 'Declined'],
    [dot(DOTS.open), 'Planned, or not answered'],
  ];
  const items = all.map(
    ([shape, words]) => html`<li><svg viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>${words}</li>`,
  );
  return html`<ul class="key">${items}</ul>`;
}

/** Twelve small months, week from Monday. The table beneath says the same to who does not see it. */
export function yearCalendar(days: readonly Day[], today: Temporal.PlainDate): Html {
  const months = MONTHS.map((name, index) => {
    const ofMonth = days.filter(({ on }) => on.month === index + 1);
    return html`<li><h3>${name}</h3>${month(ofMonth, today)}</li>`;
  });
  return html`<ol class="cal" aria-hidden="true">${months}</ol>`;
}

function month(days: readonly Day[], today: Temporal.PlainDate): Html {
  const offset = (days[0]?.on.dayOfWeek ?? 1) - 1;
  const cells = days.map((day, index) => {
    const cell = offset + index;
    return { ...day, column: cell % 7, row: Math.floor(cell / 7) };
  });
  const heads = WEEK.map(
    (name, column) => html`<text class="out" x="${String(column * WIDE + 10.5)}" y="12">${name}</text>`,
  );
  return html`<svg viewBox="0 0 147 126">${heads}${grounds(cells)}${cells.map((cell) => drawn(cell, today))}</svg>`;
}

type Cell = Day & { readonly column: number; readonly row: number };

/** Days beside each other with the same ground have one piece of it. */
function grounds(cells: readonly Cell[]): readonly Html[] {
  const pieces: { ground: Ground; column: number; row: number; days: number }[] = [];
  for (const { ground, column, row } of cells) {
    const last = pieces.at(-1);
    if (ground === null) continue;
    if (last?.ground === ground && last.row === row && last.column + last.days === column) last.days += 1;
    else pieces.push({ ground, column, row, days: 1 });
  }
  return pieces.map(
    ({ ground, column, row, days }) =>
      html`<rect class="${GROUNDS[ground]}" x="${String(column * WIDE)}" y="${String(row * HIGH + 19)}" width="${String(days * WIDE)}" height="16" rx="3"/>`,
  );
}

function drawn({ on, ground, isDue, dot, column, row }: Cell, today: Temporal.PlainDate): Html {
  const [x, y] = [column * WIDE, row * HIGH + 19];
  const quiet = ground === null && !isDue && dot === null ? html` class="out"` : '';
  const frame = isDue
    ? html`<rect class="due" x="${String(x + 1.5)}" y="${String(y)}" width="18" height="16" rx="4"/>`
    : '';
  const tried =
    dot === null ? '' : html`<circle class="${DOTS[dot]}" cx="${String(x + 18.5)}" cy="${String(y + 1)}" r="3"/>`;
  const now = on.equals(today) ? html`<path class="now" d="M${String(x + 3)} ${String(y + 17)}h15"/>` : '';
  return html`${frame}<text${quiet} x="${String(x + 10.5)}" y="${String(y + 11.5)}">${String(on.day)}</text>${tried}${now}`;
}
