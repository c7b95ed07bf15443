import { type Html, html } from '../../pages/html.ts';
import { countText } from './figures.ts';
import { icon } from './symbols.ts';

/** A part of a list as it is shown: its rows here, the number of the first, and how many there are in all. */
export type Part = { readonly rows: number; readonly place: number; readonly count: number };

/** "51 to 100 of 12,304". */
export function placeText({ rows, place, count }: Part): string {
  return count === 0 ? 'none' : `${countText(place)} to ${countText(place + rows - 1)} of ${countText(count)}`;
}

/** Where the pages beside this one are; null: there is none. */
export type Beside = {
  readonly first: string | null;
  readonly previous: string | null;
  readonly next: string | null;
  readonly last: string | null;
};

export function pagesNav(part: Part, { first, previous, next, last }: Beside): Html {
  const link = (name: string, href: string | null) =>
    href === null ? html`` : html`<li><a class="btn" href="${href}">${name}</a></li>`;
  return html`<nav class="pages" aria-label="Pages of the list"><p>${placeText(part)}</p><ul>${link('First', first)}${link('Previous', previous)}${link('Next 50', next)}${link('Last', last)}</ul></nav>`;
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

/** The whole list as a file, and how many rows it has: `address` is that of the list with a format. */
export function downloads(count: number, address: (format: 'csv' | 'xlsx') => string): Html {
  return html`<a class="btn" href="${address('csv')}">${icon('down')}CSV <span class="quiet">${countText(count)} ${count === 1 ? 'row' : 'rows'}</span></a><a class="btn" href="${address('xlsx')}">${icon('down')}XLSX</a>`;
}
