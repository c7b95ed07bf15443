import type { Meanwhile } from '../../../../flows/views/acts/meanwhile.ts';
import { type Html, html } from '../../pages/html.ts';
import { clockText, moment } from '../frame/figures.ts';
import { type Form, type FormFault, formToken, summary } from '../frame/form.ts';
import type { Page } from '../frame/frame.ts';
import { stateMark } from '../frame/symbols.ts';
import { askedFields, reasonField } from './asked.ts';
import type { Deed, Subject, Thing, WorkedOut } from './thing.ts';

/** Something to which a deed cannot be done, and why. */
export type Left = { readonly subject: Subject; readonly why: string };

/** Something that was changed since its page was looked at. */
export type Moved = { readonly subject: Subject; readonly since: readonly Meanwhile[] };

/** What a deed would come to, as it is shown before it is done. */
export type Worked = Extract<WorkedOut, { kind: 'shown' }>;

export type Deciding<S extends Subject> = {
  readonly thing: Thing<S>;
  readonly deed: Deed<S>;
  /** To these it would be done. */
  readonly subjects: readonly S[];
  readonly left: readonly Left[];
  readonly moved: readonly Moved[];
  /** What it would come to as it was asked for; null: nothing was worked out. */
  readonly worked: Worked | null;
  readonly faults: readonly FormFault[];
  /** As it was typed. */
  readonly typed: Form;
  /** Where the form is sent to, and where its sender came from. */
  readonly action: string;
  /** What the form says besides, and nobody typed. */
  readonly carried: readonly (readonly [name: string, value: string])[];
  readonly from: string;
  readonly csrf: string;
  readonly once: string;
  readonly now: Temporal.Instant;
  readonly zone: string;
};

/** What would happen to what, and a form that does it: nothing is done by looking at it. */
export function actPage<S extends Subject>(asked: Deciding<S>): Page {
  const { deed, subjects, moved, faults } = asked;
  const heading = sayingOf(asked);
  const isProblem = faults.length > 0 || moved.length > 0;
  return {
    title: `${isProblem ? 'Problem: ' : ''}${heading.charAt(0).toLowerCase()}${heading.slice(1)}`,
    heading: `${heading}?`,
    crumbs: html`<a href="${asked.from}">Back, nothing is changed by looking</a>`,
    lede: subjects.length === 0 ? 'It cannot be done now. Nothing was changed.' : deed.lede(subjects),
    above: above(asked),
    body: html`${subjects.length === 0 ? '' : isToAsk(asked) ? askingForm(asked) : form(asked)}${asked.left.length === 0 ? '' : leftOut(asked)}`,
  };
}

/** What is done, with the money that it comes to; of what is still to be asked nobody knows that. */
function sayingOf<S extends Subject>({ thing, deed, subjects, left, worked }: Deciding<S>): string {
  if (worked !== null) return worked.saying;
  const one = subjects[0] ?? left[0]?.subject;
  return deed.saying(deed.workedOut === undefined || one === undefined ? whatOf(thing, subjects, left) : one.name);
}

/** Whether it depends on what is asked what would happen. */
function isToAsk<S extends Subject>({ deed, worked }: Deciding<S>): boolean {
  return deed.workedOut !== undefined && worked === null;
}

/** IDR 150,000, or 2 charges, or sub-1001. */
function whatOf({ many }: Pick<Thing, 'many'>, subjects: readonly Subject[], left: readonly Left[]): string {
  const all = subjects.length === 0 ? left.map(({ subject }) => subject) : subjects;
  const [first] = all;
  if (first === undefined || all.length > 1) return `${all.length} ${many}`;
  return first.money ?? first.name;
}

function above<S extends Subject>({ moved, faults, zone }: Deciding<S>): Html {
  if (faults.length > 0) return summary('There is a problem', faults);
  if (moved.length === 0) return html``;
  const told = moved.map(({ subject, since }) => {
    const events = since.map(
      ({ at, words, actor }) => html`<li>${moment(at, zone, clockText(at, zone))} ${words}, by ${actor}</li>`,
    );
    return html`<li><a href="${subject.path}">${subject.name}</a> is ${subject.now.word.toLowerCase()} now.<ul>${events}</ul></li>`;
  });
  return html`<div class="note bad" role="alert" tabindex="-1" autofocus><div><p><b>Nothing was done: it changed while you decided.</b></p><ul>${told}</ul></div></div>`;
}

type Hidden = readonly (readonly [name: string, value: string])[];

function hiddenFields(hidden: Hidden): Html {
  return html`${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;
}

/** The first of two pages: what is to be done, and how. A reason that was written already is kept for the second. */
function askingForm<S extends Subject>({ deed, subjects, typed, faults, action, from, csrf }: Deciding<S>): Html {
  const reason: Hidden = typed.reason === undefined ? [] : [['reason', typed.reason]];
  return html`<form method="post" action="${action}">${formToken(csrf)}${hiddenFields([['from', from], ...reason, ...subjects.map(seenField)])}
<section class="card" aria-labelledby="what"><div class="cap"><h2 id="what">What is to be done</h2><p>Nothing is done yet: the next page shows what would happen, and asks why</p></div>
<div class="filters">${askedFields(deed.asks(subjects), typed, faults)}</div><p class="pad small">${deed.untouched}</p>
<div class="filters"><button class="btn main" type="submit">Show what would happen</button><a class="btn" href="${from}">Go back, change nothing</a></div>
</section></form>`;
}

/** What was asked on the page before, as it is done. */
function givenFields({ worked }: { readonly worked: Worked | null }): Hidden {
  if (worked === null) return [];
  const given = Object.entries(worked.given).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return [['confirmed', 'yes'], ...given];
}

function workedLines(worked: Worked | null): Html {
  if (worked === null || worked.lines.length === 0) return html``;
  const pairs = worked.lines.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<dl class="facts">${pairs}</dl>`;
}

function form<S extends Subject>(asked: Deciding<S>): Html {
  const { deed, subjects, worked, typed, faults, action, carried, from, csrf, once, now, zone } = asked;
  const hidden: Hidden = [
    ['once', once],
    ['from', from],
    ...carried,
    ...givenFields(asked),
    ...subjects.map(seenField),
  ];
  const what = subjects.length === 1 ? 'it' : 'one of them';
  return html`<form method="post" action="${action}">${formToken(csrf)}${hiddenFields(hidden)}
<section class="card" aria-labelledby="what"><div class="cap"><h2 id="what">What would happen</h2>
<p>As of ${moment(now, zone, clockText(now, zone))}; if ${what} changes before you confirm, nothing is done to it and you are told</p></div>
${table(asked)}${workedLines(worked)}<p class="pad small">${deed.untouched}</p>
<div class="filters">${worked === null ? askedFields(deed.asks(subjects), typed, faults) : ''}${reasonField(typed, faults, deed.reasonIn)}</div>
<div class="filters"><button class="btn main" type="submit">${sayingOf(asked)}</button>${worked === null ? '' : html`<a class="btn" href="${action}">Ask for something else</a>`}<a class="btn" href="${from}">Go back, change nothing</a></div>
</section></form>`;
}

const SEEN = 'seen-';

function seenField({ id, seen }: Subject): readonly [string, string] {
  return [`${SEEN}${id}`, seen];
}

/** What the page of a form showed, by the id of the thing. */
export function seenIn(form: Form): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(form).flatMap(([name, value]) => (name.startsWith(SEEN) ? [[name.slice(SEEN.length), value]] : [])),
  );
}

/** The same form again: it is good for what it showed when it was made, and for nothing newer. */
export function asFormHasIt<S extends Subject>(subject: S, form: Form): S {
  return { ...subject, seen: seenIn(form).get(subject.id) ?? subject.seen };
}

function table<S extends Subject>({ deed, subjects, worked }: Deciding<S>): Html {
  const heads = ['What', 'Money', 'Now', 'After', 'Bounds'];
  const head = heads.map(
    (name) => html`<th role="columnheader" scope="col"${name === 'Money' ? html` class="n"` : ''}>${name}</th>`,
  );
  const rows = subjects.map(
    (
      one,
    ) => html`<tr role="row"><th role="rowheader" scope="row" class="l first"><a href="${one.path}">${one.name}</a></th>
<td role="cell" class="n r first">${(worked === null ? one.money : worked.money) ?? 'none'}</td><td role="cell" class="l">${stateMark(one.now)}</td><td role="cell" class="r">${stateMark(worked?.after ?? deed.after(one))}</td>
<td role="cell" class="quiet full">${worked?.bounds ?? deed.bounds(one)}</td></tr>`,
  );
  return html`<table class="t stack" role="table"><caption class="vh">What would happen to each</caption><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${rows}</tbody></table>`;
}

function leftOut<S extends Subject>({ left, thing }: Deciding<S>): Html {
  const rows = left.map(
    ({ subject, why }) =>
      html`<tr><th scope="row"><a href="${subject.path}">${subject.name}</a></th><td>${stateMark(subject.now)}</td><td>${why}</td></tr>`,
  );
  const counted = left.length === 1 ? `1 ${thing.one}` : `${left.length} ${thing.many}`;
  return html`<section class="card" aria-labelledby="left"><div class="cap"><h2 id="left">Left as it is: ${counted}</h2></div>
<table class="t"><caption class="vh">To which it cannot be done, and why</caption><thead><tr><th scope="col">What</th><th scope="col">Now</th><th scope="col">Why not</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}
