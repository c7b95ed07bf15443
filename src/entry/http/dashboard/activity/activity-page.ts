import { dayText } from '../../../../domain/calendar/moment-text.ts';
import type { ActivityPage } from '../../../../flows/views/pages/activity-page.ts';
import { LAST, type Part } from '../../../../flows/views/pages/list-part.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, countText, moment } from '../frame/figures.ts';
import type { Page } from '../frame/frame.ts';
import { chipsOf, manyText, notCounted, pagesNav, placeText } from '../frame/lists.ts';

export type ActivityQuery = {
  readonly who?: string | undefined;
  readonly what?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly count?: 'all' | undefined;
};

export type ShownActivity = {
  readonly activity: ActivityPage;
  readonly query: ActivityQuery;
  readonly zone: string;
};

/** The address of the page with this question; without a place in it unless one is said here. */
export function activityAt(query: ActivityQuery): string {
  const said = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return said.length === 0 ? '/activity' : `/activity?${new URLSearchParams(said).toString()}`;
}

/** The same question from the beginning of the list. */
export function without({ who, what, from, to }: ActivityQuery): ActivityQuery {
  return { who, what, from, to };
}

const ROWS = 50;

export function partOf({ after, before, count }: ActivityQuery): Part {
  return { after: after ?? null, before: before ?? null, rows: ROWS, isCounted: count === 'all' };
}

/** Who signed in, who was refused, who did what, from where, and why. */
export function activityDocument(shown: ShownActivity): Page {
  const { activity, query } = shown;
  const { count, uncounted } = activity;
  return {
    title: `Activity, ${placeText(shownPart(activity))}`,
    heading: 'Activity',
    lede: html`<b>${manyText(count, uncounted)}</b> ${count === 1 ? 'entry' : 'entries'}, newest first. ${refused(shown)}Nothing here can be changed or taken away.`,
    body: html`<section class="card" aria-labelledby="list"><h2 id="list" class="vh">The list</h2>${form(shown)}${chips(query)}${activity.rows.length === 0 ? EMPTY : html`${notAll(shown)}${table(shown)}${pages(shown)}`}</section>`,
  };
}

const shownPart = ({ rows, place, count }: ActivityPage) => ({ rows: rows.length, place, count });

function refused({ activity: { kinds }, query }: ShownActivity): Html {
  if (kinds === null) return html``;
  const count = kinds.find(({ kind }) => kind === 'sign_in_refused')?.count ?? 0;
  const to = activityAt({ ...without(query), what: 'sign_in_refused' });
  return count === 0
    ? html`No sign-in was refused. `
    : html`Sign-ins refused: <a href="${to}">${countText(count)}</a>. `;
}

function notAll({ activity: { uncounted }, query }: ShownActivity): Html {
  return uncounted === null
    ? html``
    : notCounted('Entries', uncounted, activityAt({ ...without(query), count: 'all' }));
}

const WORDS: Readonly<Record<string, string>> = {
  sign_in: 'Signed in',
  sign_in_refused: 'Was refused to sign in',
  sign_in_must_wait: 'Had to wait before signing in',
  sign_out: 'Signed out',
  password_changed: 'Changed the password',
  user_added: 'Added a user',
  user_replaced: 'Gave a user another password or role',
  user_disabled: 'Ended a user',
};

/** What somebody did; an act is named by the address that it was done at. */
function kindWords(kind: string): string {
  return WORDS[kind] ?? kind.replace('/', ': ').replaceAll('-', ' ');
}

function form({ activity, query }: ShownActivity): Html {
  const option = (value: string, words: string) =>
    html`<option value="${value}"${(query.what ?? '') === value ? html` selected` : ''}>${words}</option>`;
  const kinds = [
    ...new Set([
      ...(activity.kinds?.map(({ kind }) => kind) ?? Object.keys(WORDS)),
      ...(query.what === undefined ? [] : [query.what]),
    ]),
  ];
  const field = (id: 'who' | 'from' | 'to', label: string, size: number) =>
    html`<div class="field"><label for="${id}">${label}</label><input id="${id}" name="${id}" size="${String(size)}" value="${query[id] ?? ''}" aria-describedby="dates"></div>`;
  return html`<form class="filters" method="get" action="/activity" role="search" aria-label="Activity">${field('who', 'Who', 16)}
<div class="field"><label for="what">What</label><select id="what" name="what">${option('', 'Anything')}${kinds.map((kind) => option(kind, kindWords(kind)))}</select></div>
${field('from', 'From', 10)}${field('to', 'to, included', 10)}<button class="btn">Show</button><p class="small quiet" id="dates">A part of a name is enough. Dates as 2026-12-31.</p></form>`;
}

function chips(query: ActivityQuery): Html {
  const asked = without(query);
  const words: Readonly<Record<string, (value: string) => string>> = {
    who: (value) => `by ${value}`,
    what: kindWords,
    from: (value) => `from ${value}`,
    to: (value) => `until ${value}`,
  };
  const all = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [{ words: words[name]?.(value) ?? value, without: activityAt({ ...asked, [name]: undefined }) }],
  );
  return chipsOf(all, 'Shown: everything that was ever written down.');
}

const EMPTY = html`<div class="empty"><p><b>Nobody did anything that all of this fits.</b></p><p class="quiet">Take one of the filters above away.</p></div>`;

const HEADS = ['When', 'Who', 'What', 'About', 'Why', 'From where'];

function table({ activity, zone }: ShownActivity): Html {
  const heads = HEADS.map((name) => html`<th role="columnheader" scope="col">${name}</th>`);
  const rows = activity.rows.map(({ at, actor, kind, about, reason, address }) => {
    const when = Temporal.Instant.from(at);
    const shown = `${dayText(when.toZonedDateTimeISO(zone).toPlainDate())}, ${clockText(when, zone)}`;
    return html`<tr role="row"><th role="rowheader" scope="row" class="l first nw">${moment(when, zone, shown)}</th><td role="cell" class="l">${actor}</td><td role="cell" class="r first">${kindWords(kind)}</td><td role="cell" class="l">${aboutText(about)}</td><td role="cell" class="why full">${reason ?? ''}</td><td role="cell" class="l quiet">${address ?? 'a command'}</td></tr>
`;
  });
  return html`<table class="t stick stack" role="table"><caption class="vh">What people did, newest first, ${placeText(shownPart(activity))}</caption><thead role="rowgroup"><tr role="row">${heads}</tr></thead><tbody role="rowgroup">
${rows}</tbody></table>`;
}

/** An act names the page of what it was done to. */
function aboutText(about: string | null): Html {
  if (about === null) return html``;
  return /^\/[a-z]/.test(about) ? html`<a href="${about}">${about}</a>` : html`${about}`;
}

function pages({ activity, query }: ShownActivity): Html {
  const { previous, next } = activity;
  const at = (more: ActivityQuery) => activityAt({ ...without(query), count: query.count, ...more });
  return pagesNav(shownPart(activity), {
    first: previous === null ? null : at({}),
    previous: previous === null ? null : at({ before: previous }),
    next: next === null ? null : at({ after: next }),
    last: next === null ? null : at({ before: LAST }),
  });
}
