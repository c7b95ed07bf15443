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
    (name, column) => html`<text class="out" x="${String(column * WIDE + 10)}" y="12">${name}</text>`,
  );
  return html`<svg viewBox="0 0 147 126">${heads}${grounds(cells)}${frames(cells)}${cells.map((cell) => written(cell, today))}${dots(cells)}</svg>`;
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

const placeOf = ({ column, row }: Cell) => ({ x: column * WIDE, y: row * HIGH + 19 });

/** One line around all of a month: a year may have a frame a day. */
function frames(cells: readonly Cell[]): Html {
  const around = cells
    .filter(({ isDue }) => isDue)
    .map((cell) => `M${placeOf(cell).x + 2} ${placeOf(cell).y}h17v16h-17z`);
  return around.length === 0 ? html`` : html`<path class="due" d="${around.join('')}"/>`;
}

/** Of each kind all of a month together: points of a wide line, and rings where nothing is decided yet. */
function dots(cells: readonly Cell[]): readonly Html[] {
  const byDot = Map.groupBy(cells, ({ dot }) => dot);
  return [...byDot].flatMap(([dot, some]) => {
    if (dot === null) return [];
    const shape = dot === 'open' ? 'm-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0' : 'h0';
    const all = some.map((cell) => `M${placeOf(cell).x + 18} ${placeOf(cell).y + 1}${shape}`);
    return [html`<path class="${DOTS[dot]}" d="${all.join('')}"/>`];
  });
}

function written(cell: Cell, today: Temporal.PlainDate): Html {
  const { on, ground, isDue, dot } = cell;
  const { x, y } = placeOf(cell);
  const quiet = ground === null && !isDue && dot === null ? html` class="out"` : '';
  const now = on.equals(today) ? html`<path class="now" d="M${String(x + 3)} ${String(y + 17)}h15"/>` : '';
  return html`<text${quiet} x="${String(x + 10)}" y="${String(y + 12)}">${String(on.day)}</text>${now}`;
}
