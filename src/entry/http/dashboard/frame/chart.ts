import { type Html, html } from '../../pages/html.ts';
import { countText } from './figures.ts';
import type { Shape, Tone } from './symbols.ts';

/*
 * Charts of plain SVG without a viewBox, x in percent and y in pixels: columns stretch with the page, and text keeps its size.
 * Each is hidden from who hears the page, since its sentence and its table say the same.
 */

/** What a colour means, on every page: the first try, recovered later, open, lost, a person's turn, none of these, not begun. */
export type Fill = 'first' | 'later' | 'dun' | 'lost' | 'person' | 'none' | 'soft';

export type Table = {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (Html | string)[])[];
};

export type Chart = {
  readonly series?: readonly Series[];
  readonly plot: Html;
  /** The finding, for who does not see the plot. */
  readonly finding: string;
  /** What leads to the table: its number of rows, mostly. */
  readonly summary: string;
  readonly table: Table;
};

export type Series = { readonly fill: Fill; readonly name: string };

/** A chart with what its colours mean, its sentence and its table. */
export function chart({ series = [], plot, finding, summary, table }: Chart): Html {
  const key = series.map(
    ({ fill, name }) =>
      html`<li><svg aria-hidden="true"><rect class="f-${fill}" width="12" height="12"/></svg>${name}</li>`,
  );
  return html`<figure>${key.length === 0 ? '' : html`<ul class="key">${key}</ul>`}${plot}<figcaption class="vh">${finding}</figcaption></figure>
<details><summary>${summary}</summary><div class="scroll" tabindex="0" role="region" aria-label="${table.caption}">${figuresTable(table)}</div></details>`;
}

/** Names at the left and figures at the right. */
function figuresTable({ caption, heads, rows }: Table): Html {
  const head = heads.map((name, index) => html`<th scope="col"${index === 0 ? '' : html` class="n"`}>${name}</th>`);
  const body = rows.map(
    ([first = '', ...rest]) =>
      html`<tr><th scope="row" class="nw">${first}</th>${rest.map((cell) => html`<td class="n">${cell}</td>`)}</tr>`,
  );
  return html`<table class="t"><caption class="vh">${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

export type Part = { readonly fill: Fill; readonly value: number; readonly title: string; readonly href: string };

/** A part that there is can be seen, however small it is. */
const NARROWEST = 0.6;

/** Parts of one whole in one row, in percent of it. `marks` stand under the end of a part. */
export function stackedRow(parts: readonly Part[], marks: readonly RowMark[]): Html {
  const widths = widthsOf(parts.map(({ value }) => value));
  const edge = (until: number) => widths.slice(0, until).reduce((sum, width) => sum + width, 0);
  const drawn = parts.map(({ fill, title, href }, index) =>
    widths[index] === 0
      ? html``
      : html`<a href="${href}" tabindex="-1"><rect class="f-${fill}" x="${percent(edge(index))}" width="${percent(widths[index] ?? 0)}" y="4" height="26"/><title>${title}</title></a>`,
  );
  const told = marks.map(({ after, text, isStrong = false }) => {
    const x = edge(after);
    const line =
      x === 0 || x > 99.9 ? html`` : html`<line class="axis" x1="${percent(x)}" x2="${percent(x)}" y1="0" y2="36"/>`;
    return html`${line}<text class="${isStrong ? 'strong' : 'wide-only'}${anchor(x)}" x="${percent(x)}" y="49">${text}</text>`;
  });
  return html`<svg class="plot" height="52" aria-hidden="true">${drawn}${told}</svg>`;
}

/** `after`: how many parts stand before it. */
export type RowMark = { readonly after: number; readonly text: string; readonly isStrong?: boolean };

function widthsOf(values: readonly number[]): readonly number[] {
  const whole = values.reduce((sum, value) => sum + value, 0);
  const wanted = values.map((value) => (value === 0 ? 0 : Math.max(NARROWEST, (value / whole) * 100)));
  const over = wanted.reduce((sum, width) => sum + width, 0);
  return wanted.map((width) => (width / over) * 100 || 0);
}

export type Column = {
  /** Under it, where it has a tick. */
  readonly tick: string | null;
  readonly title: string;
  readonly href: string;
  /** One for each series. */
  readonly values: readonly number[];
  /** Not over yet: drawn lighter. */
  readonly isRunning?: boolean;
  /** Why it stands out; null: it does not. */
  readonly label?: string | null;
};

const FOOT = 160;
const TALLEST = 144;

/** Columns from 0, stacked in the order of the series, with a round scale of at most three lines. */
export function stackedColumns(series: readonly Series[], columns: readonly Column[]): Html {
  const sums = columns.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const step = roundStep(Math.max(0, ...sums) / 3);
  const top = Math.max(1, Math.ceil(Math.max(0, ...sums) / step)) * step;
  const y = (value: number) => FOOT - (value / top) * TALLEST;
  const slot = 100 / Math.max(1, columns.length);
  const lines = [0, step, 2 * step, 3 * step].filter((value) => value <= top);
  const scale = lines.map(
    (value) => html`<text class="end" x="86%" y="${(y(value) + 4).toFixed(1)}">${countText(value)}</text>`,
  );
  const grid = lines.map(
    (value) =>
      html`<line class="${value === 0 ? 'axis' : 'grid'}" x1="0" x2="100%" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>`,
  );
  const drawn = columns.map((column, index) => stack(column, series, { x: slot * index, slot, y }));
  const ticks = columns.map(({ tick }, index) =>
    tick === null ? html`` : html`<text class="mid" x="${percent(slot * (index + 0.5))}" y="176">${tick}</text>`,
  );
  const labels = columns.map(({ label = null }, index) => {
    const x = slot * (index + 0.5);
    return label === null
      ? html``
      : html`<text class="strong${anchor(x)}" x="${percent(x)}" y="${(y(sums[index] ?? 0) - 5).toFixed(1)}">${label}</text>`;
  });
  return html`<div class="yx"><svg class="plot" height="190" aria-hidden="true">${scale}</svg><svg class="plot" height="190" aria-hidden="true">${grid}${drawn}${ticks}${labels}</svg></div>`;
}

type Place = { readonly x: number; readonly slot: number; readonly y: (value: number) => number };

function stack(
  { values, href, title, isRunning = false }: Column,
  series: readonly Series[],
  { x, slot, y }: Place,
): Html {
  let below = 0;
  const pieces = series.map(({ fill }, index) => {
    const from = below;
    below += values[index] ?? 0;
    return from === below
      ? html``
      : html`<rect class="f-${fill}" x="${percent(x + slot * 0.1)}" width="${percent(slot * 0.8)}" y="${y(below).toFixed(1)}" height="${(y(from) - y(below)).toFixed(1)}"/>`;
  });
  return html`<a href="${href}" tabindex="-1"${isRunning ? html` class="running"` : ''}>${pieces}<title>${title}</title></a>`;
}

/** 1, 2, 3, 4, 5, 6 or 8 of a power of ten, and never less than one. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((digit) => digit * power).find((step) => step >= least) ?? power;
}

export type Multiple = {
  readonly name: Html | string;
  /** The latest figure, and what it changed by. */
  readonly figure: Html | string;
  readonly change: string;
  readonly plot: Html;
};

/** The same question of several, side by side on one scale. */
export function smallMultiples(multiples: readonly Multiple[]): Html {
  const shown = multiples.map(
    ({ name, figure, change, plot }) =>
      html`<li><h3>${name}</h3><p><b>${figure}</b> <small class="quiet">${change}</small></p>${plot}</li>`,
  );
  return html`<ul class="multi">${shown}</ul>`;
}

export type Scale = {
  readonly from: number;
  readonly to: number /** Where a line helps to compare. */;
  readonly line: number;
};

/** How something went, point after point; null: nothing was there to be measured, and the line has a gap. */
export function lineOf(points: readonly (number | null)[], { from, to, line }: Scale): Html {
  const y = (value: number) => (38 - ((Math.min(to, Math.max(from, value)) - from) / (to - from)) * 34).toFixed(1);
  const x = (index: number) => percent((94 * index) / Math.max(1, points.length - 1));
  const pieces = points.map((point, index) => {
    const before = index === 0 ? null : (points[index - 1] ?? null);
    return point === null || before === null
      ? html``
      : html`<line class="l-first" x1="${x(index - 1)}" x2="${x(index)}" y1="${y(before)}" y2="${y(point)}"/>`;
  });
  const last = points.findLastIndex((point) => point !== null);
  const end = last < 0 ? html`` : html`<circle class="f-first" cx="${x(last)}" cy="${y(points[last] ?? 0)}" r="3"/>`;
  return html`<svg class="plot" height="42" aria-hidden="true"><line class="grid" x1="0" x2="94%" y1="${y(line)}" y2="${y(line)}"/>${pieces}${end}</svg>`;
}

/** One bar after another, each of them of the same whole. */
export function barsOf(
  values: readonly { readonly value: number; readonly name: string }[],
  whole: number,
  fill: Fill,
): Html {
  const slot = 100 / Math.max(1, values.length);
  const bars = values.map(({ value, name }, index) => {
    const height = whole === 0 ? 0 : (value / whole) * 48;
    const x = slot * index;
    return html`<rect class="f-${fill}" x="${percent(x + slot * 0.15)}" width="${percent(slot * 0.7)}" y="${(52 - height).toFixed(1)}" height="${height.toFixed(1)}"/><text class="mid" x="${percent(x + slot / 2)}" y="66">${name}</text>`;
  });
  return html`<svg class="plot" height="70" aria-hidden="true"><line class="axis" x1="0" x2="100%" y1="52" y2="52"/>${bars}</svg>`;
}

export type TimeMark = { readonly at: Temporal.Instant; readonly shape: Shape; readonly tone: Tone };

export type LineOfTime = {
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
  readonly now: Temporal.Instant;
  readonly marks: readonly TimeMark[];
  /** What stands over its beginning and its end. */
  readonly begins: string;
  readonly ends: string;
};

/** What happened and what is planned between two moments, with where we are. */
export function lineOfTime({ from, until, now, marks, begins, ends }: LineOfTime): Html {
  const whole = Math.max(1, until.since(from).total('milliseconds'));
  const at = (moment: Temporal.Instant) =>
    percent(2 + Math.min(1, Math.max(0, moment.since(from).total('milliseconds') / whole)) * 94);
  const drawn = marks.map(
    (mark) =>
      html`<svg x="${at(mark.at)}" y="22" width="16" height="16" overflow="visible"><g transform="translate(-8 0)"><use href="#i-${mark.shape}" width="16" height="16" class="tone ${mark.tone}"/></g></svg>`,
  );
  return html`<svg class="plot" height="64" aria-hidden="true">
<line class="axis" x1="2%" x2="96%" y1="30" y2="30"/><line class="axis" x1="96%" x2="96%" y1="16" y2="44"/>
<line class="now" x1="${at(now)}" x2="${at(now)}" y1="8" y2="50"/><text class="mid strong" x="${at(now)}" y="62">now</text>
${drawn}<text x="0%" y="12">${begins}</text><text class="end" x="98%" y="12">${ends}</text></svg>`;
}

function percent(share: number): string {
  return `${share.toFixed(2)}%`;
}

/** Text at either end of a plot stays within it. */
function anchor(x: number): string {
  return x < 15 ? '' : x > 85 ? ' end' : ' mid';
}
