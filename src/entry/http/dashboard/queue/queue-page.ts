import { shortDay } from '../../../../domain/calendar/moment-text.ts';
import type { ShownState } from '../../../../domain/charges/shown-state.ts';
import { moneyText } from '../../../../domain/money/money-text.ts';
import type { Session } from '../../../../flows/access/sign-in.ts';
import { type Matter, type MatterKind, matterKinds } from '../../../../flows/queue/matter.ts';
import type { Queue } from '../../../../flows/queue/queue.ts';
import { type Html, html } from '../../pages/html.ts';
import { actLinks } from '../acts/act-links.ts';
import { CHARGES, type Charge } from '../acts/charge-things.ts';
import { PAID_CHARGES, type Paid, REFUNDS, type Refund } from '../acts/refund-things.ts';
import { DISPUTES, type Disputed } from '../disputes/dispute-thing.ts';
import { clockText, countText, countUntil, moment } from '../frame/figures.ts';
import { formToken } from '../frame/form.ts';
import type { Page } from '../frame/frame.ts';
import { pagesNav } from '../frame/lists.ts';
import { stateMark } from '../frame/symbols.ts';
import { chosenField } from './decide-page.ts';

export type Subjects = {
  readonly charges: readonly Charge[];
  readonly refunds: readonly Refund[];
  readonly paid: readonly Paid[];
  readonly disputes: readonly Disputed[];
};

export type QueuePage = {
  readonly queue: Queue;
  readonly kind: MatterKind | null;
  /** Those of this page, and the number of the first among all of this kind. */
  readonly shown: readonly Matter[];
  readonly place: number;
  readonly next: string | null;
  /** What they are about, as it may be decided about. */
  readonly subjects: Subjects;
  readonly session: Session;
  readonly csrf: string;
  readonly now: Temporal.Instant;
  readonly zone: string;
};

/** With its stories and buttons a page of more would be heavy. */
export const ROWS = 25;

/** What waits for a person: its story, what comes if nobody acts, and what may be done. */
export function queueDocument(seen: QueuePage): Page {
  const { queue, kind } = seen;
  const all = queue.matters.length;
  const listed = kind === null ? queue.matters : queue.matters.filter((one) => one.kind === kind);
  const isCut = kind === null ? queue.cut.size > 0 : queue.cut.has(kind);
  return {
    title: `Queue, ${countUntil(all, queue.cut.size > 0)} ${all === 1 ? 'matter' : 'matters'}`,
    heading: 'Queue',
    lede: ledeOf(queue),
    body: html`<section class="card" aria-labelledby="list"><h2 id="list" class="vh">Matters</h2>
${tabs(queue, kind)}${listed.length === 0 ? empty(queue, kind) : html`${isCut ? cutNote : sums(listed, seen)}${list(seen, listed)}`}</section>`,
  };
}

/** A sum of some of them is none. */
const cutNote = html`<p class="pad small">There are more than are listed here, the oldest of them: no sums. What is decided makes room for the next.</p>`;

function ledeOf({ matters, counts, cut }: Queue): Html {
  if (matters.length === 0)
    return html`Nothing waits for a person. dueday decides everything else alone, and says why.`;
  const parts = matterKinds.flatMap((kind) =>
    counts[kind] === 0 ? [] : [`${countUntil(counts[kind], cut.has(kind))} ${SAID[kind](counts[kind])}`],
  );
  const many = matters.length === 1 ? 'matter waits' : 'matters wait';
  const count =
    cut.size > 0 ? html`More than <b>${countText(matters.length - 1)}</b>` : html`<b>${countText(matters.length)}</b>`;
  return html`${count} ${many} for a person: ${parts.join(', ')}. Everything else dueday decides alone, and says why.`;
}

const charges = (count: number) => (count === 1 ? 'charge' : 'charges');
const SAID: Readonly<Record<MatterKind, (count: number) => string>> = {
  held: (count) => `${charges(count)} held`,
  unknown: (count) => `${charges(count)} without an outcome`,
  missed: (count) => `${charges(count)} of missed cycles`,
  overpaid: () => 'where too much came in',
  refund: (count) => (count === 1 ? 'refund' : 'refunds'),
  books: (count) => (count === 1 ? 'that does not agree with the books' : 'that do not agree with the books'),
  disputed: (count) => (count === 1 ? 'about a dispute' : 'about disputes'),
  stopped: (count) => (count === 1 ? 'that is stopped' : 'that are stopped'),
  price: (count) => (count === 1 ? 'about a higher price' : 'about higher prices'),
};

const TABS: Readonly<Record<MatterKind, string>> = {
  held: 'Held',
  unknown: 'Unknown outcome',
  missed: 'Missed cycles',
  overpaid: 'Too much collected',
  refund: 'Refunds',
  books: 'Not as in the books',
  disputed: 'Disputes',
  stopped: 'Stopped',
  price: 'Higher prices',
};

const MARKS: Readonly<Record<MatterKind, ShownState>> = {
  held: { word: 'Held', shape: 'held', tone: 'person' },
  unknown: { word: 'Unknown', shape: 'unknown', tone: 'person' },
  missed: { word: 'Missed', shape: 'held', tone: 'person' },
  overpaid: { word: 'Too much', shape: 'refunded', tone: 'person' },
  refund: { word: 'Refund', shape: 'refunded', tone: 'person' },
  books: { word: 'Differs', shape: 'unknown', tone: 'person' },
  disputed: { word: 'Disputed', shape: 'unknown', tone: 'person' },
  stopped: { word: 'Stopped', shape: 'held', tone: 'person' },
  price: { word: 'Price', shape: 'waits', tone: 'person' },
};

function tabs({ matters, counts, cut }: Queue, kind: MatterKind | null): Html {
  const tab = (name: string, path: string, count: string, isHere: boolean) =>
    html`<a href="${path}"${isHere ? html` aria-current="page"` : ''}>${name} <span>${count}</span></a>`;
  const kinds = matterKinds.map((one) =>
    tab(TABS[one], `/queue?kind=${one}`, countUntil(counts[one], cut.has(one)), one === kind),
  );
  return html`<nav class="tabs" aria-label="By kind">${tab('All', '/queue', countUntil(matters.length, cut.size > 0), kind === null)}${kinds}</nav>`;
}

function empty({ matters, cut }: Queue, kind: MatterKind | null): Html {
  if (kind === null || matters.length === 0)
    return html`<p class="empty">Nothing waits for a person. What was decided stands at each charge, with who and why.</p>`;
  const none = cut.has(kind) ? 'Nothing of this kind is among the oldest.' : 'Nothing of this kind waits.';
  return html`<p class="empty">${none} <a href="/queue">All ${countUntil(matters.length, cut.size > 0)}</a> stand together.</p>`;
}

function sums(listed: readonly Matter[], { now, zone }: QueuePage): Html {
  const stakes = listed.flatMap(({ stake }) => stake ?? []);
  const byCurrency = Map.groupBy(stakes, ({ currency }) => currency);
  const day = (at: Temporal.Instant) => shortDay(at.toZonedDateTimeISO(zone).toPlainDate());
  const nearest = listed.find(({ decideBy }) => decideBy !== null)?.decideBy?.at;
  const oldest = listed.map(({ since }) => since).toSorted(Temporal.Instant.compare)[0] ?? now;
  const pairs: readonly (readonly [string, string])[] = [
    ...[...byCurrency].map(([currency, all]) => {
      const sum = all.reduce((total, { amount }) => total + amount, 0);
      return [`At stake in ${currency}`, moneyText(Math.round(sum * 100) / 100, currency)] as const;
    }),
    ['Nearest deadline', nearest === undefined ? 'none' : day(nearest)],
    ['Oldest since', day(oldest)],
  ];
  return html`<dl class="sums">${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function list(seen: QueuePage, listed: readonly Matter[]): Html {
  const { shown, place, next, kind, csrf } = seen;
  const beside = { first: place > 1 ? addressOf(kind, null) : null, previous: null, last: null };
  const isChoosable = shown.some(({ charge }) => charge !== null);
  const bulk = html`<div class="bulk"><button class="btn" type="submit">Decide about the chosen…</button><span class="small quiet">Offers what all of them allow, asks for one reason, shows what would happen to each.</span></div>`;
  return html`<form method="post" action="/queue/decide">${formToken(csrf)}<input type="hidden" name="from" value="${addressOf(kind, null)}">
<ol>${shown.map((matter, index) => caseOf(matter, `case-${index}`, seen))}</ol>${isChoosable ? bulk : ''}</form>
${pagesNav({ rows: shown.length, place, count: listed.length }, { ...beside, next: next === null ? null : addressOf(kind, next) }, ROWS)}`;
}

function addressOf(kind: MatterKind | null, after: string | null): string {
  const query = new URLSearchParams([
    ...(kind === null ? [] : [['kind', kind]]),
    ...(after === null ? [] : [['after', after]]),
  ]).toString();
  return query === '' ? '/queue' : `/queue?${query}`;
}

function caseOf(matter: Matter, id: string, seen: QueuePage): Html {
  const { kind, title, path, story, otherwise, cause, stake, charge } = matter;
  const box =
    charge === null
      ? html`<span></span>`
      : html`<input type="checkbox" name="${chosenField(charge)}" value="yes" id="${id}" aria-labelledby="${id}-h">`;
  return html`<li class="case">${box}
<div><h3 id="${id}-h">${stateMark(MARKS[kind])} <a href="${path}">${title}</a></h3><p>${[...story, cause ?? []].flat().join(' ')}</p>
<p class="small quiet">If nobody acts: ${lowered(otherwise)}</p>${actsOf(matter, seen)}</div>
<p class="money">${stake === null ? html`<span class="quiet">no money</span>` : moneyText(stake.amount, stake.currency)}</p>
${timesOf(matter, seen)}</li>`;
}

/** Of a charge that waits: what lets it go on first. */
function actsOf({ charge, acts, kind }: Matter, { subjects, session, kind: tab }: QueuePage): Html {
  const from = addressOf(tab === null ? null : kind, null);
  const links = [
    ...subjects.charges.filter(({ id }) => id === charge).map((one) => actLinks(CHARGES, one, session, from)),
    ...subjects.refunds
      .filter(({ id }) => acts?.of === 'refund' && id === acts.id)
      .map((one) => actLinks(REFUNDS, one, session, from)),
    ...subjects.paid
      .filter(({ id }) => acts?.of === 'paid_charge' && id === acts.id)
      .map((one) => actLinks(PAID_CHARGES, one, session, from)),
    ...subjects.disputes
      .filter(({ id }) => acts?.of === 'dispute' && id === acts.id)
      .map((one) => actLinks(DISPUTES, one, session, from)),
  ].filter(({ html: text }) => text !== '');
  return links.length === 0 ? html`` : html`<div class="acts">${links}</div>`;
}

function timesOf({ since, decideBy }: Matter, { now, zone }: QueuePage): Html {
  const at = (instant: Temporal.Instant) =>
    moment(
      instant,
      zone,
      `${shortDay(instant.toZonedDateTimeISO(zone).toPlainDate())}, ${clockText(instant, zone).slice(0, 5)}`,
    );
  const days = decideBy === null ? 0 : Math.floor(decideBy.at.since(now).total('hours') / 24);
  const until =
    decideBy === null
      ? html`<span class="quiet">No deadline</span>`
      : html`<span class="quiet">Decide by</span> <b>${at(decideBy.at)}</b><span class="quiet">${days > 0 ? `, in ${days} ${days === 1 ? 'day' : 'days'}` : ''}: then ${decideBy.words}</span>`;
  return html`<p class="small"><span class="quiet">Since</span> ${at(since)}<br>${until}</p>`;
}

function lowered(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
