import { MOST_COUNTED, type Uncounted } from '../../../../flows/views/pages/list-part.ts';
import { type Html, html } from '../../pages/html.ts';
import { countText } from './figures.ts';
import { icon } from './symbols.ts';

/** A part of a list as it is shown: its rows here, the number of the first, and how many there are in all; null: not counted. */
export type Part = { readonly rows: number; readonly place: number | null; readonly count: number | null };

/** "51 to 100 of 12,304". */
export function placeText({ rows, place, count }: Part): string {
  if (count === 0) return 'none';
  const whole = count === null ? 'more' : countText(count);
  return place === null
    ? `${countText(rows)} of ${whole}`
    : `${countText(place)} to ${countText(place + rows - 1)} of ${whole}`;
}

/** "12,304", "More than 100,000": how many a sentence says that a list has. */
export function manyText(count: number | null, uncounted: Uncounted | null): string {
  if (count !== null) return countText(count);
  return uncounted === 'many' ? `More than ${countText(MOST_COUNTED)}` : 'Uncounted';
}

/** Where what a list comes to would stand: why it does not, and the address at which it is counted. */
export function notCounted(rows: string, uncounted: Uncounted | null, counting: string): Html {
  const them = html`<a href="${counting}">count them</a>`;
  const told =
    uncounted === 'too_slow'
      ? html`not counted, since that takes too long: narrow the list`
      : uncounted === 'slow'
        ? html`not counted, since that takes a while; ${them}`
        : html`more than ${countText(MOST_COUNTED)}; ${them}`;
  return html`<dl class="sums"><div><dt>${rows}</dt><dd>${told}</dd></div></dl>`;
}

/** Where the pages beside this one are; null: there is none. */
export type Beside = {
  readonly first: string | null;
  readonly previous: string | null;
  readonly next: string | null;
  readonly last: string | null;
};

/** `size`: so many rows has a page. */
export function pagesNav(part: Part, { first, previous, next, last }: Beside, size = 50): Html {
  const link = (name: string, href: string | null) =>
    href === null ? html`<li class="quiet">${name}</li>` : html`<li><a class="btn" href="${href}">${name}</a></li>`;
  return html`<nav class="pages" aria-label="Pages of the list"><p>${placeText(part)}</p><ul>${link('First', first)}${link('Previous', previous)}${link(`Next ${countText(size)}`, next)}${link('Last', last)}</ul></nav>`;
}

/** What a list is narrowed to: its words, and the address of the list without it. */
export type Chip = { readonly words: string; readonly without: string };

/** Each with its own way to take it away; `all` says what is shown where there is none. */
export function chipsOf(chips: readonly Chip[], all: string): Html {
  if (chips.length === 0) return html`<p class="chips"><span class="quiet">${all}</span></p>`;
  const shown = chips.map(
    ({ words, without }) =>
      html`<a href="${without}">${words} <span aria-hidden="true">×</span><span class="vh">, take away</span></a>`,
  );
  return html`<p class="chips"><span class="quiet">Shown:</span>${shown}</p>`;
}

/** The most rows of a sheet, its head left out. */
const SHEET = 2 ** 20 - 1;

/** The whole list as a file, and how many rows it has: `address` is that of the list with a format. A sheet does not hold every list. */
export function downloads(count: number | null, address: (format: 'csv' | 'xlsx') => string, row = 'row'): Html {
  const many = count === null ? `all ${row}s` : `${countText(count)} ${count === 1 ? row : `${row}s`}`;
  const sheet =
    count !== null && count > SHEET ? html`` : html`<a class="btn" href="${address('xlsx')}">${icon('down')}XLSX</a>`;
  return html`<a class="btn" href="${address('csv')}">${icon('down')}CSV <span class="quiet">${many}</span></a>${sheet}`;
}

/** A head of a column that the list is sorted by, or can be: a link that turns it. */
export type SortHead = {
  readonly name: string;
  readonly by: string;
  readonly sort: string;
  readonly isNumber?: boolean;
  readonly address: (sort: string) => string;
};

export function sortHead({ name, by, sort, isNumber = false, address }: SortHead): Html {
  const isUp = sort === by;
  const isSorted = isUp || sort === `-${by}`;
  const said = isSorted ? html` aria-sort="${isUp ? 'ascending' : 'descending'}"` : '';
  const arrow = isSorted ? html` <span aria-hidden="true">${isUp ? '↑' : '↓'}</span>` : '';
  return html`<th role="columnheader" scope="col"${isNumber ? html` class="n"` : ''}${said}><a href="${address(isUp ? `-${by}` : by)}">${name}${arrow}</a></th>`;
}
